import { statfs } from 'node:fs/promises'
import { writing } from '../failure.js'
import { removeGarbage } from '../object/garbage.js'
import { forgetDigests } from '../object/known.js'
import { finishOptimising } from '../optimise/optimise.js'
import { pruneContents } from '../optimise/prune.js'
import type { StorePath } from '../path.js'
import { removeLeftovers } from '../stage.js'
import type { Store } from '../store.js'
import { type Limits, watchLimits } from './limits.js'
import { pruneLinks } from './links.js'
import { type Marked, type MarkOptions, type MarkProgress, mark } from './mark.js'
import { keepReserve, spendReserve } from './reserve.js'
import { findRoots } from './roots.js'
import { type Deleted, type SweepProgress, sweep } from './sweep.js'

export interface CollectOptions extends MarkOptions, Limits {
  readonly signal: AbortSignal
  /** Called often; whether and how that is shown is up to the caller. */
  readonly report: (progress: CollectProgress) => void
}

/** How far a collection is. What is not known yet is missing. */
export interface CollectProgress {
  readonly step: string
  readonly marked?: MarkProgress
  readonly swept?: SweepProgress
}

export interface Collected extends Deleted {
  readonly live: number
  readonly dead: number
  /** Files without a record. */
  readonly garbage: readonly StorePath[]
  /** Out-links that are none any more. */
  readonly links: readonly string[]
}

/** Finds what nothing keeps, and changes nothing. */
export async function findDead(
  store: Store,
  options: MarkOptions,
  report?: (progress: MarkProgress) => void,
): Promise<Marked> {
  return mark(
    store,
    (await findRoots(store)).map(({ path }) => path),
    options,
    report,
  )
}

/**
 * Deletes what nothing keeps, and what crashed processes left. On a full disk, too: a reserve and what takes no record
 * to be known as garbage go first, so that the database has room for its own files.
 */
export async function collect(store: Store, options: CollectOptions): Promise<Collected> {
  await writing(store.state, () => spendReserve(store.state))
  try {
    return await collectInSteps(store, options)
  } finally {
    await keepReserve(store.state)
  }
}

async function collectInSteps(store: Store, options: CollectOptions): Promise<Collected> {
  let progress: CollectProgress = { step: '' }
  const advance = (change: Partial<CollectProgress>): void => {
    options.signal.throwIfAborted()
    progress = { ...progress, ...change }
    options.report(progress)
  }
  const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    advance({ step: name })
    return work()
  }
  await step('remove what crashed commands left', () => removeLeftovers(store.keeper, store.objects))
  const links = await step('forget out-links that are gone', () => pruneLinks(store))
  const garbage = await step('remove files without a record', () => removeGarbage(store))
  await step('finish what a crashed optimisation left', () => finishOptimising(store))
  const { live, dead } = await step('find what nothing keeps', async () => {
    const { valid, dead } = await findDead(store, options, marked => advance({ marked }))
    return { live: valid.length - dead.size, dead }
  })
  const deleted = await step('delete it', () =>
    sweep(store, dead, {
      signal: options.signal,
      report: swept => advance({ swept }),
      wanted: watchLimits(options, () => measureFree(store)),
    }),
  )
  await forgetDigests(store)
  if (deleted.objects > 0)
    await step('remove contents that no object has any more', async () => pruneContents(store))
  return { ...deleted, live, dead: dead.size, garbage, links }
}

/** Bytes that are free; those of what objects shared only when its last name is gone. */
async function measureFree(store: Store): Promise<number> {
  pruneContents(store)
  const { bavail, bsize } = await statfs(store.objects)
  return bavail * bsize
}
