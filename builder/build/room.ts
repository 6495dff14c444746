import { statfs } from 'node:fs/promises'
import { type CollectProgress, collect, type Store } from '../../store/index.js'
import type { Builder } from './builder.js'
import type { Report } from './events.js'

/** How many times the limit is to be free after a collection, so that not every step collects. */
const AMPLE = 2

/** Milliseconds between two reports of how far a collection is. */
const INTERVAL = 100

/** The part of what a collection left free that is used up before another one may find more. */
const NOTICEABLE = 0.03

const collections = new WeakMap<Store, Promise<unknown>>()

/** Bytes that were free after a collection that could not free enough. */
const leftFree = new WeakMap<Store, number>()

/**
 * Collects what nothing keeps when less space is free than the settings want. Steps that come meanwhile wait for it.
 * What this realisation uses is kept by the store it has open.
 */
export async function makeRoom(builder: Builder, signal: AbortSignal): Promise<void> {
  const { store, settings, report } = builder
  const { minFree } = settings
  if (minFree === undefined) return
  await collections.get(store)
  const free = await askFree(store)
  if (free >= minFree || collections.has(store)) return
  if (free > (1 - NOTICEABLE) * (leftFree.get(store) ?? Number.POSITIVE_INFINITY)) return
  report({ kind: 'warning', text: 'little space is left: deleting objects that nothing keeps' })
  const options = {
    keepDerivers: true,
    keepOutputs: false,
    minFree: AMPLE * minFree,
    signal,
    report: tellNowAndThen(report),
  }
  const collection = collect(store, options)
    .then(({ objects, bytes }) => report({ kind: 'collected', objects, bytes }))
    .finally(() => collections.delete(store))
  collections.set(store, collection)
  await collection
  const left = await askFree(store)
  if (left < minFree) leftFree.set(store, left)
}

async function askFree({ objects }: Store): Promise<number> {
  const { bavail, bsize } = await statfs(objects)
  return bavail * bsize
}

function tellNowAndThen(report: Report): (progress: CollectProgress) => void {
  let due = 0
  return progress => {
    const now = performance.now()
    if (now < due) return
    due = now + INTERVAL
    report({ kind: 'collecting', progress })
  }
}
