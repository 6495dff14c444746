import { chmodSync, lstatSync, readdirSync, renameSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { PathInfo } from '../db/info.js'
import type { StorePath } from '../path.js'
import type { Store } from '../store.js'
import { orderDead } from './order.js'
import { findRoots } from './roots.js'

export interface SweepOptions {
  /** How many bytes are still to be freed after `freed` of them; nothing more is deleted when it is not above 0. */
  wanted(freed: number): Promise<number>
  /** Called often, with what was deleted so far. */
  report(progress: SweepProgress): void
  readonly signal: AbortSignal
}

export interface Deleted {
  readonly objects: number
  /** The sizes of their NARs. */
  readonly bytes: number
}

export interface SweepProgress extends Deleted {
  /** Bytes of all that is to be deleted, as far as they are known: wholly before the first is. */
  readonly doomed: number
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
  let doomed = 0
  const batches = orderDead(store, dead, bytes => {
    options.signal.throwIfAborted()
    doomed = bytes
    options.report({ ...deleted, doomed })
  })
  for await (const batch of batches) {
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
      options.report({ ...deleted, doomed })
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
 * Deletes those of `paths` that nothing keeps: their records at one instant, and their files. Referrers must come
 * before what they refer to. Objects that somebody has locked are left alone.
 *
 * Why nothing that is used is lost: the database is open in one process at a time, so every look into it comes either
 * before this change or after it. Whoever uses an object first lists it as a root, and then looks whether it is valid.
 * Looked before: the root was there already, and is found here. Looked after: the object is seen to be gone, and made
 * again. What a kept object refers to has a valid referrer, and so on down: it stays without being listed. Marking
 * only proposed candidates, so it does not matter what has become live since.
 *
 * The files leave their place before anybody else can look: whoever makes an object anew finds the place free, and no
 * lock is needed for each. What is in the stage is removed whenever there is time.
 */
export async function deleteDead(store: Store, paths: readonly StorePath[]): Promise<PathInfo[]> {
  const gone = new Map<StorePath, PathInfo>()
  await using stage = await store.stage()
  const free = await dropBusy(store, paths)
  await store.database.change(
    async valid => {
      // Locked since: its holder has yet to look whether it is valid, or has found it so.
      const locked = new Set(readdirSync(join(store.state, 'locks')))
      const rooted = new Set((await findRoots(store)).map(({ path }) => path))
      const infos = await valid.findInfos(free.filter(path => !rooted.has(path) && !locked.has(path)))
      const asked = infos.filter(info => info !== undefined)
      const referrers = await valid.listReferrers(asked.map(({ path }) => path))
      for (const info of asked) {
        const others = referrers.get(info.path)!.filter(other => other !== info.path)
        if (others.every(other => gone.has(other))) gone.set(info.path, info)
      }
      return { remove: [...gone.values()] }
    },
    ({ remove = [] }) => {
      for (const { path } of remove) moveAway(store.locate(path), join(stage.directory, path))
    },
  )
  return [...gone.values()]
}

/** Those of `paths` that nobody has locked; locks left by the dead are cleared away. */
async function dropBusy(store: Store, paths: readonly StorePath[]): Promise<StorePath[]> {
  const locked = new Set(readdirSync(join(store.state, 'locks')))
  const busy = new Set<StorePath>()
  for (const path of paths.filter(path => locked.has(path))) {
    await using lock = await store.tryLock(path)
    if (!lock) busy.add(path)
  }
  return paths.filter(path => !busy.has(path))
}

/** Moving a directory that is read-only needs more rights than an ordinary user has. What is not there needs no move. */
function moveAway(place: string, target: string): void {
  const stats = lstatSync(place, { throwIfNoEntry: false })
  if (stats?.isDirectory()) chmodSync(place, 0o700)
  if (stats?.isDirectory()) renameSync(place, target)
  else if (stats) unlinkSync(place)
}
