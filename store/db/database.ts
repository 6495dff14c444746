import type { Keeper } from '../keeper.js'
import { findStorePath, type StorePath } from '../path.js'
import {
  findDamagedRecords,
  findIndexFaults,
  type Indexed,
  type IndexFault,
  readIndices,
  repairIndices,
  replaceRecord,
} from './indices.js'
import type { PathInfo } from './info.js'
import { makeLease } from './lease.js'
import type { Place } from './open.js'
import { rescueDatabase } from './rescue.js'
import {
  type Change,
  commit,
  findInfos,
  listPairs,
  listPaths,
  type Mark,
  type Marks,
  mark,
  type Tables,
} from './tables.js'

/** Which objects are valid, and who refers to whom. Every call leases the database for itself alone. */
export interface Database {
  findInfos(paths: readonly StorePath[]): Promise<(PathInfo | undefined)[]>
  /** Valid paths that start with `prefix`, sorted, at most `limit`. */
  listPaths(prefix?: string, limit?: number): Promise<StorePath[]>
  /** The objects that refer to each of `paths`. */
  listReferrers(paths: readonly StorePath[]): Promise<ReadonlyMap<StorePath, readonly StorePath[]>>
  /** The valid outputs that name each of `derivers` as theirs. */
  listOutputs(derivers: readonly StorePath[]): Promise<ReadonlyMap<StorePath, readonly StorePath[]>>
  /**
   * Makes changes from what is valid at that instant, in one synced batch. Nobody sees them before `settle`, which
   * gets what was done, has returned.
   */
  change(decide: (valid: Validity) => Promise<Change>, settle?: (done: Change) => void): Promise<Change>
  /** Objects that have a mark. */
  listMarks(mark: Mark): Promise<StorePath[]>
  mark(marks: Marks): Promise<void>
  findIndexFaults(): Promise<IndexFault[]>
  /** Makes the indices what the records ask for, and returns what was wrong. */
  repairIndices(): Promise<IndexFault[]>
  /** Records that cannot be read, and why. */
  findDamagedRecords(): Promise<{ readonly key: string; readonly reason: string }[]>
  /** The keys of all records, be they damaged. */
  listKeys(): Promise<string[]>
  readIndices(): Promise<ReadonlyMap<StorePath, Indexed>>
  replaceRecord(key: string, info: PathInfo | undefined): Promise<void>
  /**
   * Makes a database that cannot be used anew; nobody sees it before `complete`, which is to add what is missing, has
   * returned. Returns where the old one lies if it had to give way. To be called by one process at a time.
   */
  rescue(complete: (unfinished: Database) => Promise<void>): Promise<string | undefined>
  /** Lets other processes have the database until the next call. */
  release(): Promise<void>
  close(): Promise<void>
}

/** What a change may look at while nobody else can write. */
export interface Validity {
  findInfos(paths: readonly StorePath[]): Promise<(PathInfo | undefined)[]>
  listReferrers(paths: readonly StorePath[]): Promise<ReadonlyMap<StorePath, readonly StorePath[]>>
}

/** `forget` is called before any object ceases to be valid. */
export function openDatabase(place: Place, keeper: Keeper, forget: () => void): Database {
  const lease = makeLease(place, keeper)
  let changing: Promise<unknown> = Promise.resolve()

  // A lease keeps other processes out while we change something; within this one the readers wait.
  const use = async <T>(work: (tables: Tables) => Promise<T>): Promise<T> => {
    await changing
    return lease.use(work)
  }
  const alone = <T>(work: (tables: Tables) => Promise<T>): Promise<T> => {
    const done = use(work)
    changing = done.catch(() => undefined)
    return done
  }
  return {
    findInfos: paths => use(tables => findInfos(tables, paths)),
    listPaths: (prefix = '', limit = -1) => use(tables => listPaths(tables, prefix, limit)),
    listReferrers: paths => use(({ referrers }) => listPairs(referrers, paths)),
    listOutputs: derivers => use(({ outputs }) => listPairs(outputs, derivers)),
    listMarks: name => use(async tables => (await tables[name].keys().all()).flatMap(findStorePath)),
    mark: marks => alone(tables => mark(tables, marks)),
    change: (decide, settle) =>
      alone(async tables => {
        const change = await decide({
          findInfos: paths => findInfos(tables, paths),
          listReferrers: paths => listPairs(tables.referrers, paths),
        })
        if (change.remove?.length) forget()
        await commit(tables, change)
        settle?.(change)
        return change
      }),
    findIndexFaults: () => use(findIndexFaults),
    repairIndices: () => alone(repairIndices),
    findDamagedRecords: () => use(findDamagedRecords),
    listKeys: () => use(({ infos }) => infos.keys().all()),
    readIndices: () => use(readIndices),
    replaceRecord: (key, info) =>
      alone(tables => {
        forget()
        return replaceRecord(tables, key, info)
      }),
    rescue: async complete => {
      await lease.release()
      forget()
      return rescueDatabase(place, keeper, async directory => {
        const unfinished = openDatabase({ directory, mayBeAbsent: () => true }, keeper, forget)
        try {
          await complete(unfinished)
        } finally {
          await unfinished.close()
        }
      })
    },
    release: () => lease.release(),
    close: () => lease.release(),
  }
}
