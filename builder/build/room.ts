import { statfs } from 'node:fs/promises'
import { type CollectProgress, collect } from '../../store/index.js'
import type { Builder } from './builder.js'
import type { Report } from './events.js'

/** How many times the limit is to be free after a collection, so that not every step collects. */
const AMPLE = 2

/** Milliseconds between two reports of how far a collection is. */
const INTERVAL = 100

const collections = new WeakMap<Builder, Promise<unknown>>()

/**
 * Collects what nothing keeps when less space is free than the settings want. Steps that come meanwhile wait for it.
 * What this realisation uses is kept by the store it has open.
 */
export async function makeRoom(builder: Builder, signal: AbortSignal): Promise<void> {
  const { store, settings, report } = builder
  const { minFree } = settings
  if (minFree === undefined) return
  await collections.get(builder)
  const { bavail, bsize } = await statfs(store.objects)
  if (bavail * bsize >= minFree || collections.has(builder)) return
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
    .finally(() => collections.delete(builder))
  collections.set(builder, collection)
  await collection
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
