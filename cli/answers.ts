import { accessSync, constants, lstatSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import {
  channelsFile,
  isNothing,
  isUnchanged,
  parseJson,
  startResting,
  type Witness,
  witness,
} from '../builder/index.js'
import { deletionsFile, locateStore, whereReachable, writeEntry } from '../store/index.js'

/** What `store build PKG...` printed when all was there, so that the next time costs a few looks at files. */
export interface Answers {
  /** The store paths that were printed, if they would be again. */
  recall(): readonly string[] | undefined
  /** Remembers them. `witnesses` are what the packages' evaluation depends on. */
  remember(paths: readonly string[], witnesses: readonly Witness[]): void
}

/** Changes with every change of what an entry means. */
const FORMAT = 'answers-1'

/** Packages of channels by name, and the one option that is answered from memory. */
const PLAIN = /^(--derivation|[A-Za-z0-9_+][A-Za-z0-9_+.@:-]*)$/

/** Packages of recipe files. */
const IN_FILE = /^(?!-)(.*\/[^/]*\.ts)(:[^/]*)?$/s

/** Bytes of the name of an entry; that of a file may have 255, and more is added while it is written. */
const LONGEST = 230

/**
 * The answers to `store build` with these words, where there can be any: with the channel that this program ships and
 * no other. They are kept with the store, and hold as long as the program, the recipes, the user's channels and the
 * valid objects are what they were.
 */
export function answersTo(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  dist: string,
): Answers | undefined {
  const name = nameEntry(words)
  if (name === undefined) return undefined
  const { state, objects } = locateStore(env, process.getuid!())
  const channels = channelsFile(env)
  const folder = answersFolder(state)
  const places = [
    channels,
    deletionsFile(state),
    join(dist, '../channel.json'),
    ...['command.cjs', 'evaluate.cjs'].map(name => join(dist, name)),
  ]
  const isAtRest = startResting()
  const world = whereReachable(() => places.map(witness))
  const isThere = (path: string): boolean =>
    lstatSync(join(objects, basename(path)), { throwIfNoEntry: false }) !== undefined
  if (world === undefined || !isNothing(world[0]!)) return undefined
  return {
    recall: () =>
      whereReachable(() => {
        // A store that this user may not use is refused by whoever opens it.
        accessSync(state, constants.W_OK)
        const answer = decodeAnswer(readFileSync(join(folder, name), 'utf8'))
        if (JSON.stringify(answer?.world) !== JSON.stringify(world)) return undefined
        const { witnesses, paths } = answer!
        return witnesses.every(isUnchanged) && paths.every(isThere) ? paths : undefined
      }),
    remember: (paths, witnesses) => {
      if (isAtRest(places)) writeEntry(state, folder, name, encodeAnswer({ world, witnesses, paths }))
    },
  }
}

/** What an entry is called: its words, in which recipe files are named by where they lie without any symlink. */
function nameEntry(words: readonly string[]): string | undefined {
  const parts = words.map(word => {
    const [, file, rest = ''] = IN_FILE.exec(word) ?? []
    if (file === undefined) return PLAIN.test(word) ? word : undefined
    const folder = whereReachable(() => realpathSync(dirname(resolve(file))))
    return folder && encodeURIComponent(`${folder}/${basename(file)}${rest}`)
  })
  if (parts.length === 0 || parts.includes(undefined)) return undefined
  const name = parts.join(' ')
  return name.length <= LONGEST ? name : undefined
}

const answersFolder = (state: string): string => join(state, 'cache', FORMAT)

/** Removes all answers: once objects were deleted, none of them holds. Others may be remembered meanwhile. */
export const forgetAnswers = (state: string): void =>
  rmSync(answersFolder(state), { recursive: true, force: true, maxRetries: 5 })

interface Answer {
  /** The store, the program and the user's settings. */
  readonly world: readonly Witness[]
  /** The recipes. */
  readonly witnesses: readonly Witness[]
  readonly paths: readonly string[]
}

/** One line of JSON. */
export const encodeAnswer = ({ world, witnesses, paths }: Answer): string =>
  `${JSON.stringify({ format: FORMAT, world, witnesses, paths })}\n`

/** What `text` says, or `undefined` when it is not whole. */
export function decodeAnswer(text: string): Answer | undefined {
  const { format, world, witnesses, paths } = parseJson(text) ?? {}
  const isWhole = format === FORMAT && [world, witnesses, paths].every(Array.isArray)
  return isWhole ? ({ world, witnesses, paths } as Answer) : undefined
}
