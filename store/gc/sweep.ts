import type { PathInfo } from '../db/info.js'
import { removeTree } from '../object/delete.js'
import type { StorePath } from '../path.js'
import type { Store } from '../store.js'
import { orderDead } from './order.js'
import { findRoots } from './roots.js'

/** Trees removed at once. */
const AT_ONCE = 16

export interface SweepOptions {
  /** How many bytes are still to be freed after `freed` of them; nothing more is deleted when it is not above 0. */
  wanted(freed: number): Promise<number>
  /** Called after each batch, with what was deleted so far. */
  report(deleted: Deleted): void
  readonly signal: AbortSignal
}

export interface Deleted {
  readonly objects: number
  /** The sizes of their NARs. */
  readonly bytes: number
}

/**
 * Deletes the dead, in batches, referrers first. Whenever it is interrupted, by whatever, the store is consistent, and
 * the next sweep goes on.
 */
export async function sweep(
  store: Store,
  dead: ReadonlySet<StorePath>,
  options: SweepOptions,
): Promise<Deleted> {
  let deleted: Deleted = { objects: 0, bytes: 0 }
  for await (const batch of orderDead(store, dead)) {
    for (let rest = batch; rest.length > 0; ) {
      const wanted = await options.wanted(deleted.bytes)
      if (wanted <= 0) return deleted
      options.signal.throwIfAborted()
      const part = takeBytes(rest, wanted)
      rest = rest.slice(part.length)
      const gone = await deleteDead(
        store,
        part.map(({ path }) => path),
      )
      deleted = { objects: deleted.objects + gone.length, bytes: deleted.bytes + sumSizes(gone) }
      options.report(deleted)
    }
  }
  return deleted
}

const sumSizes = (infos: readonly PathInfo[]): number => infos.reduce((sum, { narSize }) => sum + narSize, 0)

/** The first of `infos`, until they have `bytes`. */
function takeBytes(infos: readonly PathInfo[], bytes: number): PathInfo[] {
  let sum = 0
  const end = infos.findIndex(({ narSize }) => {
    sum += narSize
    return sum >= bytes
  })
  return end < 0 ? [...infos] : infos.slice(0, end + 1)
}

/**
 * Deletes those of `paths` that nothing keeps: first their records, at one instant, then their files. Referrers must
 * come before what they refer to. Objects that somebody has locked are left alone.
 *
 * Why nothing that is used is lost: the database is open in one process at a time, so every look into it comes either
 * before this change or after it. Whoever uses an object first lists it as a root, and then looks whether it is valid.
 * Looked before: the root was there already, and is found here. Looked after: the object is seen to be gone, and made
 * again. What a kept object refers to has a valid referrer, and so on down: it stays without being listed. Marking
 * only proposed candidates, so it does not matter what has become live since.
 */
export async function deleteDead(store: Store, paths: readonly StorePath[]): Promise<PathInfo[]> {
  const tried = await Promise.all(paths.map(async path => [path, await store.tryLock(path)] as const))
  const locks = new Map(tried.flatMap(([path, lock]) => (lock ? [[path, lock] as const] : [])))
  try {
    const gone = await removeRecords(store, [...locks.keys()])
    for (let at = 0; at < gone.length; at += AT_ONCE) {
      await Promise.all(
        gone.slice(at, at + AT_ONCE).map(async ({ path }) => {
          await removeTree(store, store.locate(path))
          await locks.get(path)![Symbol.asyncDispose]()
        }),
      )
    }
    return gone
  } finally {
    await Promise.all([...locks.values()].map(lock => lock[Symbol.asyncDispose]()))
  }
}

async function removeRecords(store: Store, paths: readonly StorePath[]): Promise<PathInfo[]> {
  const gone = new Map<StorePath, PathInfo>()
  await store.database.change(async valid => {
    const rooted = new Set((await findRoots(store)).map(({ path }) => path))
    const infos = await valid.findInfos(paths.filter(path => !rooted.has(path)))
    for (const info of infos) {
      if (!info) continue
      const referrers = await valid.listReferrers(info.path)
      if (referrers.every(other => other === info.path || gone.has(other))) gone.set(info.path, info)
    }
    return { remove: [...gone.values()] }
  })
  return [...gone.values()]
}
