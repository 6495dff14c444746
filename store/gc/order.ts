import type { PathInfo } from '../db/info.js'
import type { StorePath } from '../path.js'
import type { Store } from '../store.js'

/** Objects deleted at one instant. */
const BATCH = 1024
/** Records read at once. */
const CHUNK = 512

/**
 * The dead objects in batches, every object after those that refer to it. Linear in objects and references; of the
 * latter only counts stay in memory. `report` gets the bytes of all the dead, as far as they are known, before the
 * first batch.
 */
export async function* orderDead(
  store: Store,
  dead: ReadonlySet<StorePath>,
  report: (bytes: number) => void,
): AsyncGenerator<PathInfo[], void, void> {
  const referrers = await countReferrers(store, dead, report)
  const ready = [...dead].filter(path => referrers.get(path) === 0)
  let batch: PathInfo[] = []
  while (ready.length > 0) {
    const infos = await store.database.findInfos(ready.splice(batch.length - BATCH))
    for (const info of infos) {
      // What somebody else has deleted keeps its references waiting, for the next collection.
      if (!info) continue
      batch.push(info)
      for (const reference of otherReferences(info)) {
        const left = referrers.get(reference)
        if (left === undefined) continue
        referrers.set(reference, left - 1)
        if (left === 1) ready.push(reference)
      }
    }
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** How many dead objects refer to each dead one. */
async function countReferrers(
  store: Store,
  dead: ReadonlySet<StorePath>,
  report: (bytes: number) => void,
): Promise<Map<StorePath, number>> {
  // All are there from the first, under the strings that are in memory anyway.
  const counts = new Map<StorePath, number>()
  for (const path of dead) counts.set(path, 0)
  let bytes = 0
  for (let paths = [...dead], at = 0; at < paths.length; at += CHUNK) {
    for (const info of await store.database.findInfos(paths.slice(at, at + CHUNK))) {
      if (!info) continue
      bytes += info.narSize
      for (const reference of otherReferences(info)) {
        const count = counts.get(reference)
        if (count !== undefined) counts.set(reference, count + 1)
      }
    }
    report(bytes)
  }
  return counts
}

const otherReferences = ({ path, references }: PathInfo): readonly StorePath[] =>
  references.filter(reference => reference !== path)
