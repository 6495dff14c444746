import { statfs } from 'node:fs/promises'
import { collect } from '../../store/index.js'
import type { Builder } from './builder.js'

/** How many times the limit is to be free after a collection, so that not every step collects. */
const AMPLE = 2

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
    report: () => {},
  }
  const collection = collect(store, options)
    .then(({ objects }) =>
      report({ kind: 'warning', text: `deleted ${objects} object${objects === 1 ? '' : 's'}` }),
    )
    .finally(() => collections.delete(builder))
  collections.set(builder, collection)
  await collection
}
