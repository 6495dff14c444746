import { DamagedRecord, type PathInfo } from '../db/info.js'
import { formatStorePath, type StorePath } from '../path.js'
import { listValid } from '../query.js'
import type { Store } from '../store.js'
import type { Pace } from './pace.js'
import type { Problem } from './problem.js'

/** Records read at once. */
const CHUNK = 512

/** Every record that can be read, one after the other. */
export async function* readRecords(store: Store, pace: Pace): AsyncGenerator<PathInfo, void, void> {
  const paths = await listValid(store)
  for (let at = 0; at < paths.length; at += CHUNK) {
    for (const [i, info] of (await readChunk(store, paths.slice(at, at + CHUNK))).entries()) {
      await pace(at + i, paths.length)
      yield info
    }
  }
}

async function readChunk(store: Store, paths: readonly StorePath[]): Promise<readonly PathInfo[]> {
  try {
    return (await store.database.findInfos(paths)).filter(info => info !== undefined)
  } catch (error) {
    if (!(error instanceof DamagedRecord)) throw error
    if (paths.length === 1) return []
    const chunks = await Promise.all(paths.map(path => readChunk(store, [path])))
    return chunks.flat()
  }
}

/** Whether the object has a record, be it damaged. */
export const hasRecord = async (store: Store, path: StorePath): Promise<boolean> =>
  (await store.database.listPaths(path, 1))[0] === path

export async function checkRecords(store: Store): Promise<Problem[]> {
  const damaged = await store.database.findDamagedRecords()
  return damaged.map(({ key, reason }) => ({
    kind: 'damaged-record',
    path: key,
    detail: reason,
    remedy: 'Make it anew from the files of the object: store verify --repair',
  }))
}

/** No valid object may refer to one that is not. */
export async function checkReferences(store: Store, pace: Pace): Promise<Problem[]> {
  const valid = new Set(await listValid(store))
  const problems: Problem[] = []
  for await (const { path, references } of readRecords(store, pace)) {
    for (const reference of references)
      if (!valid.has(reference) && (await isMissing(store, path, reference)))
        problems.push({
          kind: 'missing-reference',
          path: formatStorePath(path),
          detail: `it refers to ${formatStorePath(reference)}, which is not valid`,
          remedy: 'Build or add that object again',
        })
  }
  return problems
}

/** Looks again: other commands go on working. */
async function isMissing(store: Store, path: StorePath, reference: StorePath): Promise<boolean> {
  const [referrer, referred] = await store.database.findInfos([path, reference])
  return referrer !== undefined && referred === undefined
}

export async function checkIndices(store: Store): Promise<Problem[]> {
  const faults = await store.database.findIndexFaults()
  return faults.map(({ index, key, fault }) => ({
    kind: 'index',
    path: `${index}/${key}`,
    detail:
      fault === 'stray' ? 'no record asks for this entry of an index' : 'this entry of an index is missing',
    remedy: 'Make the indices anew: store verify --repair',
  }))
}
