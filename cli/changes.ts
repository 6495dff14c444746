import { access } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { type FindOptions, type GivenFile, makeRoot, type Transformations } from '../builder/index.js'
import type { Arguments } from './command.js'
import { Usage } from './errors.js'

/** What the command line changes of the recipes, and where the files lie that it gives. */
export type Changes = Pick<FindOptions, 'transform' | 'given'>

/** The options by which recipes are changed, wherever they are used. */
export const changeOptions = {
  'with-source': { type: 'string', array: true, describe: 'Build PKG=FILE from another source' },
  'with-patch': { type: 'string', array: true, describe: 'Apply a patch to the source of PKG=FILE' },
  'with-input': { type: 'string', array: true, describe: 'Use another package wherever A=B is an input' },
  'without-tests': { type: 'string', array: true, describe: 'Leave the tests of PKG out' },
} as const

/** Reads those options. Relative files start at `cwd`. */
export async function readChanges(args: Arguments, cwd: string): Promise<Changes> {
  const sources = await readFiles('with-source', args, cwd)
  const patches = await readFiles('with-patch', args, cwd)
  const withInput = pairs('with-input', args).map(([name, replacement]) => ({ name, replacement }))
  const transform: Transformations = {
    withSource: sources.map(({ file }) => file),
    withPatch: patches.map(({ file }) => file),
    withInput,
    withoutTests: args.texts('without-tests'),
  }
  const isNothing = Object.values(transform).every(list => list.length === 0)
  return isNothing ? {} : { transform, given: [...sources, ...patches].map(({ root }) => root) }
}

/** Refuses changes that changed nothing: a misspelt name would pass in silence. */
export function checkChanged({ transform }: Changes, changed: Iterable<string>): void {
  const known = new Set(changed)
  const { withSource = [], withPatch = [], withInput = [], withoutTests = [] } = transform ?? {}
  const names = [...[...withSource, ...withPatch, ...withInput].map(({ name }) => name), ...withoutTests]
  const unused = names.find(name => !known.has(name))
  if (unused === undefined) return
  throw new Usage(`Nothing that is to be built needs "${unused}", so it cannot be changed`, {
    hint: 'Changes apply to the packages that store list shows, where they are asked for or inputs; not to what a toolchain has under the same name',
  })
}

/** Each file under a root of its own: it may lie anywhere. */
const readFiles = (option: string, args: Arguments, cwd: string) =>
  Promise.all(
    pairs(option, args).map(async ([name, text], i) => {
      const path = resolve(cwd, text)
      const rootName = `${option}-${i}`
      await access(path).catch(() => {
        throw new Usage(`--${option} names "${text}", which does not exist or may not be read`, {
          hint: `Usage: --${option} NAME=FILE, with a file that you may read`,
        })
      })
      const root = await makeRoot(rootName, dirname(path))
      const file: GivenFile = { name, path: `${rootName}/${basename(path)}` }
      return { file, root }
    }),
  )

const pairs = (option: string, args: Arguments): readonly (readonly [string, string])[] =>
  args.texts(option).map(text => {
    const match = /^([^=]+)=(.+)$/s.exec(text)
    if (!match)
      throw new Usage(`--${option} needs NAME=VALUE, not "${text}"`, {
        hint: 'See: store build --help',
      })
    return [match[1]!, match[2]!] as const
  })
