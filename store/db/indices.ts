import { findStorePath, type StorePath } from '../path.js'
import { decodeInfo, type PathInfo } from './info.js'
import { commit, indexKeys, type Tables } from './tables.js'

/** A key that an index lacks, or has without a record that asks for it. */
export interface IndexFault {
  readonly index: 'referrers' | 'outputs'
  readonly key: string
  readonly fault: 'missing' | 'stray'
}

/** Compares the indices with the records, which alone are believed. Records that cannot be read count as absent. */
export async function findIndexFaults(tables: Tables): Promise<IndexFault[]> {
  const wanted = { referrers: new Set<string>(), outputs: new Set<string>() }
  for await (const [key, value] of tables.infos.iterator())
    for (const info of tryDecode(key, value))
      for (const { name, key } of indexKeys(tables, info)) wanted[name].add(key)
  const faults: IndexFault[] = []
  for (const index of ['referrers', 'outputs'] as const) {
    for await (const key of tables[index].keys())
      if (!wanted[index].delete(key)) faults.push({ index, key, fault: 'stray' })
    for (const key of wanted[index]) faults.push({ index, key, fault: 'missing' })
  }
  return faults
}

/** Makes the indices what the records ask for, in one synced batch. */
export async function repairIndices(tables: Tables): Promise<IndexFault[]> {
  const faults = await findIndexFaults(tables)
  await tables.level.batch(
    faults.map(({ index, key, fault }) =>
      fault === 'stray'
        ? { type: 'del' as const, sublevel: tables[index], key }
        : { type: 'put' as const, sublevel: tables[index], key, value: '' },
    ),
    { sync: true },
  )
  return faults
}

/** The records that cannot be read, by their keys, with the reason. */
export async function findDamagedRecords(
  tables: Tables,
): Promise<{ readonly key: string; readonly reason: string }[]> {
  const damaged = []
  for await (const [key, value] of tables.infos.iterator()) {
    try {
      const [path] = findStorePath(key)
      if (path === undefined) throw new Error('its key is no store path')
      decodeInfo(path, value)
    } catch (error) {
      damaged.push({ key, reason: error instanceof Error ? error.message : String(error) })
    }
  }
  return damaged
}

function tryDecode(key: string, value: string): readonly PathInfo[] {
  try {
    return findStorePath(key).map(path => decodeInfo(path, value))
  } catch {
    return []
  }
}

/** What the indices know of one object. */
export interface Indexed {
  readonly references: readonly StorePath[]
  readonly deriver: StorePath | undefined
}

/** What the indices know of every object: enough to make up for most of a record that is lost. */
export async function readIndices(tables: Tables): Promise<Map<StorePath, Indexed>> {
  const known = new Map<StorePath, { references: StorePath[]; deriver: StorePath | undefined }>()
  const entry = (path: StorePath) => {
    const found = known.get(path) ?? { references: [], deriver: undefined }
    known.set(path, found)
    return found
  }
  for await (const [first, second] of readPairs(tables, 'referrers')) entry(second).references.push(first)
  for await (const [first, second] of readPairs(tables, 'outputs')) entry(second).deriver = first
  return known
}

/** The keys `<first>/<second>` of an index; what is no pair of paths is damaged, and left out. */
async function* readPairs(
  tables: Tables,
  index: 'referrers' | 'outputs',
): AsyncGenerator<readonly [StorePath, StorePath], void, void> {
  for await (const key of tables[index].keys()) {
    const [first, second] = key.split('/').flatMap(findStorePath)
    if (first !== undefined && second !== undefined) yield [first, second]
  }
}

/** Puts `info` in the place of a record that cannot be read, or nothing. Its indices are made anew. */
export async function replaceRecord(tables: Tables, key: string, info: PathInfo | undefined): Promise<void> {
  if (info) await commit(tables, { add: [info] })
  else await tables.level.batch([{ type: 'del' as const, sublevel: tables.infos, key }], { sync: true })
}
