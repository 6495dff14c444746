import { pipeline } from 'node:stream/promises'
import { findLog, type ProgramCounts, readCounts, readLog } from '../../builder/index.js'
import { findInfo, resolvePath, StoreError, type StorePath } from '../../store/index.js'
import { defineCommand } from '../command.js'
import type { Context } from '../context.js'
import { looksLikePath, lowerPackage } from '../objects.js'

export class NoLog extends StoreError {
  readonly code = 'NO_LOG'

  constructor(text: string) {
    super(`There is no log of "${text}"`, {
      hint: 'Only what was built in this store has a log; fetched files have none',
    })
  }
}

export class NoCounts extends StoreError {
  readonly code = 'NO_COUNTS'

  constructor(text: string) {
    super(`Nothing was counted in a build of "${text}"`, {
      hint: 'Only builds under the tracer are counted: build it again with store build --check',
    })
  }
}

export const command = defineCommand({
  usage: 'log PKG|PATH',
  describe: 'Show the log of the last build of a package or object, also of one that failed or still runs',
  examples: [
    ['store log hello', 'all of it'],
    ['store log hello --tail 20', 'the last lines'],
    [
      'store log hello --json',
      'as a record; truncated says that only the last lines of a long log are in it',
    ],
    ['store log hello --determinism', 'which programs looked at the clock, directories, the machine'],
  ],
  words: [1, 1],
  options: {
    tail: { type: 'number', describe: 'Only the last N lines' },
    determinism: { type: 'boolean', describe: 'What each program asked the tracer for, and how often' },
  },
  async run(context, args) {
    const text = args.words[0]!
    if (args.flag('determinism')) return { programs: await findCounts(context, text) }
    const file = await findLogOf(context, text)
    if (file === undefined) throw new NoLog(text)
    const tail = args.count('tail')
    if (tail === undefined && !args.flag('json')) {
      await pipeline(readLog(file), process.stdout, { end: false })
      return undefined
    }
    return await lastLines(file, tail)
  },
  print: data => (data === undefined ? [] : 'programs' in data ? formatCounts(data.programs) : data.lines),
})

async function findCounts(context: Context, text: string): Promise<readonly ProgramCounts[]> {
  const { state } = await context.store()
  for (const derivation of await derivers(context, text)) {
    const programs = await readCounts(state, derivation)
    if (programs) return programs
  }
  throw new NoCounts(text)
}

/** The path of a program without what all programs of the store have in common. */
const shorten = (program: string): string => program.replace(/^\/store\/[0-9a-z]{32}-/, '')

/** A table: a row for each program, a column for each class that any of them asked for. */
function formatCounts(programs: readonly ProgramCounts[]): readonly string[] {
  const classes = [...new Set(programs.flatMap(({ counts }) => Object.keys(counts)))]
  const rows = [
    ['program', ...classes],
    ...programs.map(({ program, counts }) => [
      shorten(program),
      ...classes.map(name => String(counts[name] ?? '-')),
    ]),
  ]
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map(row => row[i]!.length)))
  return rows.map(row =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '),
  )
}

/** The log of the derivation that `text` means, or of one that made the same outputs. */
async function findLogOf(context: Context, text: string): Promise<string | undefined> {
  const { state } = await context.store()
  for (const derivation of await derivers(context, text)) {
    const file = await findLog(state, derivation)
    if (file !== undefined) return file
  }
  return undefined
}

async function derivers(context: Context, text: string): Promise<readonly StorePath[]> {
  const store = await context.store()
  if (looksLikePath(text)) {
    const path = await resolvePath(store, text)
    return [
      path,
      ...((await findInfo(store, path))?.deriver ? [(await findInfo(store, path))!.deriver!] : []),
    ]
  }
  const { lowered } = await lowerPackage(context, text)
  const infos = await Promise.all([...lowered.outputs.values()].map(output => findInfo(store, output)))
  return [lowered.path, ...infos.flatMap(info => info?.deriver ?? [])]
}

/** Characters of a log that are held in memory: as many as the second number at least, if there are so many. */
const HELD = [1 << 24, 1 << 23] as const

/** The last lines, and whether there are more that were asked for. */
async function lastLines(
  file: string,
  count = Number.POSITIVE_INFINITY,
): Promise<{ readonly lines: readonly string[]; readonly truncated: boolean }> {
  let text = ''
  let isCut = false
  for await (const chunk of readLog(file).setEncoding('utf8')) {
    text += chunk
    if (text.length <= HELD[0]) continue
    text = text.slice(-HELD[1])
    isCut = true
  }
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  // Of the first one only the end may be there.
  if (isCut && lines.length > 1) lines.shift()
  return { lines: count === 0 ? [] : lines.slice(-count), truncated: isCut && lines.length < count }
}
