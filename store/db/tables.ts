import { Level } from 'level'
import { findStorePath, parseStorePath, type StorePath } from '../path.js'
import { decodeInfo, encodeInfo, type PathInfo } from './info.js'

type Root = Level<string, string>
const table = (level: Root, name: string) => level.sublevel<string, string>(name, {})
type Table = ReturnType<typeof table>

/** The open database. `infos` alone decides what is valid; the others are its indices. */
export interface Tables {
  readonly level: Root
  /** Path -> record. */
  readonly infos: Table
  /** `<referenced>/<referrer>` */
  readonly referrers: Table
  /** `<deriver>/<output>` */
  readonly outputs: Table
  /** What an optimisation has done, and what it is changing at the moment. */
  readonly optimised: Table
  readonly optimising: Table
}

export type Mark = 'optimised' | 'optimising'

/** Marks to be put and removed at one instant. */
export interface Marks {
  readonly put?: Partial<Readonly<Record<Mark, readonly StorePath[]>>>
  readonly remove?: Partial<Readonly<Record<Mark, readonly StorePath[]>>>
}

/** What becomes valid, and what ceases to be, at one instant. */
export interface Change {
  readonly add?: readonly PathInfo[]
  readonly remove?: readonly PathInfo[]
}

/** Opens the database in `directory`; where there is none, one is made only if it `mayBeMade`. */
export async function openTables(directory: string, mayBeMade: boolean): Promise<Tables> {
  const level: Root = new Level(directory, { createIfMissing: mayBeMade })
  await level.open()
  return {
    level,
    infos: table(level, 'infos'),
    referrers: table(level, 'referrers'),
    outputs: table(level, 'outputs'),
    optimised: table(level, 'optimised'),
    optimising: table(level, 'optimising'),
  }
}

/** Records whose text is in memory at once. */
const RECORDS = 512

export async function findInfos(
  { infos }: Tables,
  paths: readonly StorePath[],
): Promise<(PathInfo | undefined)[]> {
  const found: (PathInfo | undefined)[] = []
  for (let at = 0; at < paths.length; at += RECORDS) {
    const chunk = paths.slice(at, at + RECORDS)
    const values: readonly (string | undefined)[] = await infos.getMany(chunk)
    for (const [i, value] of values.entries())
      found.push(value === undefined ? undefined : decodeInfo(chunk[i]!, value))
  }
  return found
}

export async function listPaths({ infos }: Tables, prefix: string, limit: number): Promise<StorePath[]> {
  const keys = await infos.keys({ gte: prefix, lt: `${prefix}~`, limit }).all()
  return keys.flatMap(findStorePath)
}

/** Keys of an index read at once. */
const AHEAD = 32

/**
 * The second halves of an index's keys `<first>/<second>`, for each of `firsts`. One iterator goes through the index, and
 * jumps to what it has not read ahead: one for each takes longer, and thousands of them hundreds of megabytes.
 */
export async function listPairs(
  index: Table,
  firsts: readonly StorePath[],
): Promise<Map<StorePath, StorePath[]>> {
  const pairs = new Map<StorePath, StorePath[]>()
  await using iterator = index.keys()
  const read = (): Promise<string[]> => iterator.nextv(AHEAD)
  let keys: string[] = []
  for (const first of [...firsts].sort()) {
    const prefix = `${first}/`
    const seconds: StorePath[] = []
    if (!keys.some(key => key >= prefix)) {
      iterator.seek(prefix)
      keys = await read()
    }
    for (; keys.length > 0; keys = await read()) {
      const rest = keys.filter(key => key >= prefix)
      const own = rest.filter(key => key.startsWith(prefix))
      for (const key of own) seconds.push(parseStorePath(key.slice(prefix.length)))
      if (own.length < rest.length) break
    }
    pairs.set(first, seconds)
  }
  return pairs
}

/** The only commit point: before this batch the bytes of an object are garbage, after it they are an object. */
export async function commit(tables: Tables, { add = [], remove = [] }: Change): Promise<void> {
  const { level, infos } = tables
  await level.batch(
    [
      ...remove.flatMap(info => [
        { type: 'del' as const, sublevel: infos, key: info.path },
        { type: 'del' as const, sublevel: tables.optimised, key: info.path },
        ...indexKeys(tables, info).map(({ sublevel, key }) => ({ type: 'del' as const, sublevel, key })),
      ]),
      ...add.flatMap(info => [
        { type: 'put' as const, sublevel: infos, key: info.path, value: encodeInfo(info) },
        ...indexKeys(tables, info).map(({ sublevel, key }) => ({
          type: 'put' as const,
          sublevel,
          key,
          value: '',
        })),
      ]),
    ],
    { sync: true },
  )
}

const marks = ['optimised', 'optimising'] as const

export async function mark(tables: Tables, { put = {}, remove = {} }: Marks): Promise<void> {
  await tables.level.batch(
    marks.flatMap(name => [
      ...(remove[name] ?? []).map(key => ({ type: 'del' as const, sublevel: tables[name], key })),
      ...(put[name] ?? []).map(key => ({ type: 'put' as const, sublevel: tables[name], key, value: '' })),
    ]),
    { sync: true },
  )
}

/** What the indices hold because of one record. */
export const indexKeys = ({ referrers, outputs }: Tables, { path, references, deriver }: PathInfo) => [
  ...references.map(reference => ({
    name: 'referrers' as const,
    sublevel: referrers,
    key: `${reference}/${path}`,
  })),
  ...(deriver === undefined
    ? []
    : [{ name: 'outputs' as const, sublevel: outputs, key: `${deriver}/${path}` }]),
]
