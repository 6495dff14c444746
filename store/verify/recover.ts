import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Indexed } from '../db/indices.js'
import type { PathInfo } from '../db/info.js'
import { takeLock } from '../lock.js'
import { scanTree, type TreeScan } from '../object/scan.js'
import { findStorePath, type StorePath } from '../path.js'
import { filterValid, listReferrers, listValid } from '../query.js'
import type { Store } from '../store.js'
import { inspectTree } from './inspect.js'
import { makePace, type Pace, type VerifyProgress } from './pace.js'

/** What was done about records that are lost. */
export interface Recovered {
  /** Objects whose record was made anew from their files. */
  readonly recovered: readonly StorePath[]
  /** Records that were dropped: there is nothing they could be made from. */
  readonly dropped: readonly string[]
}

/**
 * Makes records that cannot be read anew from the objects' files, and from what the indices know; drops those whose
 * object is not there or not as objects are. What the bytes were before nobody knows any more: they are taken as they
 * are.
 */
export async function recoverRecords(store: Store): Promise<Recovered> {
  const recovered: StorePath[] = []
  const dropped: string[] = []
  const damaged = await store.database.findDamagedRecords()
  if (damaged.length === 0) return { recovered, dropped }
  const indexed = await store.database.readIndices()
  const possible = (await store.database.listKeys()).flatMap(findStorePath)
  for (const { key } of damaged) {
    const [path] = findStorePath(key)
    const info = path === undefined ? undefined : await describe(store, path, possible, indexed.get(path))
    await store.database.replaceRecord(key, info)
    if (info) recovered.push(info.path)
    else dropped.push(key)
  }
  return { recovered, dropped }
}

export interface RecoveredDatabase extends Recovered {
  /** Where the old database lies, if nothing could be made of it. */
  readonly aside: string | undefined
}

/**
 * Makes a database that is lost or cannot be used anew from what is left of it and from the objects. Until that is done
 * nobody else can use it; nothing happens when it can be used, as after another repair.
 */
export async function recoverDatabase(
  store: Store,
  signal: AbortSignal,
  report: (progress: VerifyProgress) => void,
): Promise<RecoveredDatabase> {
  await using _alone = await takeLock(store.keeper, join(store.state, 'locks', 'rescue'), signal)
  let recovered: Recovered = { recovered: [], dropped: [] }
  const aside = await store.database.rescue(async database => {
    const pace = makePace('make records from objects', signal, report)
    recovered = await recoverObjects({ ...store, database }, pace)
  })
  return { ...recovered, aside }
}

/**
 * Makes records for objects that have none: of those alone whose files all have the
 * metadata of objects, which is what nothing unfinished has. Records of objects that are gone, and of what refers to
 * those, are dropped.
 */
async function recoverObjects(store: Store, pace: Pace): Promise<Recovered> {
  const damaged = await recoverRecords(store)
  const onDisk = readdirSync(store.objects).flatMap(findStorePath)
  const valid = await filterValid(store, onDisk)
  const infos = new Map<StorePath, PathInfo>()
  const indexed = await store.database.readIndices()
  const unknown = onDisk.filter(path => !valid.has(path))
  for (const [i, path] of unknown.entries()) {
    await pace(i, unknown.length)
    const info = await describe(store, path, onDisk, indexed.get(path))
    if (info) infos.set(path, info)
  }
  dropIncomplete(infos, valid)
  await store.database.change(async () => ({ add: [...infos.values()] }))
  const dropped = await dropLost(store, new Set(onDisk))
  return {
    recovered: [...damaged.recovered, ...infos.keys()],
    dropped: [...damaged.dropped, ...dropped],
  }
}

/** The record of an object as its files, and the indices, tell; `undefined` when they are not those of an object. */
async function describe(
  store: Store,
  path: StorePath,
  possible: readonly StorePath[],
  indexed: Indexed | undefined,
): Promise<PathInfo | undefined> {
  const place = store.locate(path)
  if (!lstatSync(place, { throwIfNoEntry: false }) || inspectTree(place).faults.length > 0) return undefined
  const { narHash, narSize, references }: TreeScan = await scanTree(place, new Set([...possible, path]))
  return {
    path,
    narHash,
    narSize,
    references: [...new Set([...references, ...(indexed?.references ?? [])])].sort(),
    deriver: indexed?.deriver,
    registered: store.clock(),
    provenance: { recovered: 'from its files' },
    signatures: [],
  }
}

/** Leaves out, again and again, what refers to something that is neither valid nor about to be. */
function dropIncomplete(infos: Map<StorePath, PathInfo>, valid: ReadonlySet<StorePath>): void {
  for (let changed = true; changed; ) {
    changed = false
    for (const [path, { references }] of infos)
      if (!references.every(other => valid.has(other) || infos.has(other))) changed = infos.delete(path)
  }
}

async function dropLost(store: Store, onDisk: ReadonlySet<StorePath>): Promise<StorePath[]> {
  const valid = await listValid(store)
  const lost = new Set(valid.filter(path => !onDisk.has(path)))
  for (const path of lost) for (const referrer of await listReferrers(store, path)) lost.add(referrer)
  const infos = (await store.database.findInfos([...lost])).filter(info => info !== undefined)
  await store.database.change(async () => ({ remove: infos }))
  return infos.map(({ path }) => path)
}
