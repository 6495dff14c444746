import { lstatSync } from 'node:fs'
import { writing } from '../failure.js'
import type { Lock } from '../lock.js'
import type { StorePath } from '../path.js'
import { filterValid, listValid } from '../query.js'
import type { Store } from '../store.js'
import { linksFolder, shareTree } from './share.js'

export interface OptimiseOptions {
  readonly signal: AbortSignal
  readonly report: (progress: Optimised & { readonly total: number }) => void
}

export interface Optimised {
  readonly objects: number
  /** Bytes of files that now share those of others. */
  readonly saved: number
}

/** Objects done between two records of it: as many as one process may lock. */
const BATCH = 256

/**
 * Lets equal files of different objects share their bytes. What was done before is recorded and not looked at again.
 * Other commands go on working; what they have locked is left for the next time.
 */
export async function optimise(store: Store, { signal, report }: OptimiseOptions): Promise<Optimised> {
  await finishOptimising(store)
  const done = new Set(await store.database.listMarks('optimised'))
  const fresh = (await listValid(store)).filter(path => !done.has(path))
  let sum: Optimised = { objects: 0, saved: 0 }
  for (let at = 0; at < fresh.length; at += BATCH) {
    signal.throwIfAborted()
    const before = sum
    const advance = ({ objects, saved }: Optimised): void => {
      sum = { objects: before.objects + objects, saved: before.saved + saved }
      report({ ...sum, total: fresh.length })
    }
    await optimiseBatch(store, fresh.slice(at, at + BATCH), { signal, advance })
  }
  return sum
}

/** An object that is locked is neither made, repaired nor deleted by others. */
async function optimiseBatch(store: Store, paths: readonly StorePath[], steps: Steps): Promise<void> {
  const tried = await Promise.all(paths.map(async path => [path, await store.tryLock(path)] as const))
  const locks = new Map(tried.filter((entry): entry is [StorePath, Lock] => entry[1] !== undefined))
  try {
    const valid = await filterValid(store, locks.keys())
    await optimiseLocked(store, [...valid], steps)
  } finally {
    await Promise.all([...locks.values()].map(lock => lock[Symbol.asyncDispose]()))
  }
}

/** How an optimisation is followed from object to object. */
interface Steps {
  /** Ends it after an object. */
  readonly signal?: AbortSignal
  /** Called after each object, with what was done so far. */
  readonly advance?: (done: Optimised) => void
}

/**
 * The same for objects that the caller has locked. Changing a directory's entries changes its time for a moment; a
 * mark tells whoever comes after a crash where to look.
 */
export async function optimiseLocked(
  store: Store,
  paths: readonly StorePath[],
  { signal, advance }: Steps = {},
): Promise<Optimised> {
  if (paths.length === 0) return { objects: 0, saved: 0 }
  await store.database.mark({ put: { optimising: paths } })
  await using stage = await store.stage()
  const folders = { links: linksFolder(store.objects), scratch: stage.directory }
  const done: StorePath[] = []
  let saved = 0
  let wereOpen = false
  for (const path of paths) {
    if (signal?.aborted) break
    const place = store.locate(path)
    // An object whose files are lost is for verification to find.
    if (lstatSync(place, { throwIfNoEntry: false })) {
      const shared = await writing(store.objects, () => shareTree(folders, place))
      saved += shared.saved
      wereOpen ||= shared.wasOpen
    }
    done.push(path)
    advance?.({ objects: done.length, saved })
  }
  // The mark stays until it is on the disk that they are closed again.
  if (wereOpen) await store.keeper.sync(store.objects)
  await store.database.mark({ put: { optimised: done }, remove: { optimising: paths } })
  return { objects: done.length, saved }
}

/** Sets right what a crash in the middle of an optimisation left. */
export async function finishOptimising(store: Store): Promise<void> {
  for (const path of await store.database.listMarks('optimising')) {
    await using lock = await store.tryLock(path)
    if (!lock) continue
    if (
      (await filterValid(store, [path])).size > 0 &&
      lstatSync(store.locate(path), { throwIfNoEntry: false })
    )
      await store.keeper.reset(store.locate(path))
    await store.database.mark({ remove: { optimising: [path] } })
  }
}
