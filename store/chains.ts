import type { PathInfo } from './db/info.js'
import { StoreError } from './error.js'
import { reading } from './failure.js'
import { findOccurrences, type Occurrence } from './object/occurrences.js'
import { formatStorePath, hashPart, type StorePath } from './path.js'
import { computeClosure } from './query.js'
import type { Store } from './store.js'

/** One step of a chain: an object, one that it refers to, and the places where it does. */
export interface Link {
  readonly from: StorePath
  readonly to: StorePath
  readonly places: readonly Occurrence[]
}

export class NoDependency extends StoreError {
  readonly code = 'NO_DEPENDENCY'

  constructor(from: StorePath, to: StorePath) {
    super(`"${formatStorePath(from)}" does not need ${formatStorePath(to)}`, {
      hint: 'It refers to it neither directly nor by way of others; what it was built with is no reference',
    })
  }
}

/**
 * Why `from` keeps `to`: the links of the shortest chain of references, in its order, or those of all chains. The
 * objects cannot be collected meanwhile.
 */
export async function explainDependency(
  store: Store,
  from: StorePath,
  to: StorePath,
  which: 'shortest' | 'all',
): Promise<Link[]> {
  await store.keepAlive([from])
  const infos = new Map((await computeClosure(store, [from])).map(info => [info.path, info]))
  const distances = measureDistances(infos, to)
  if (from === to || !distances.has(from)) throw new NoDependency(from, to)
  const links: Link[] = []
  const seen = new Set([from, to])
  for (const path of seen) {
    const nearer = otherReferences(infos.get(path)!).filter(next => distances.has(next))
    if (path === to) continue
    const shortest = nearer.reduce((a, b) => (distances.get(b)! < distances.get(a)! ? b : a))
    for (const next of which === 'all' ? nearer : [shortest]) {
      links.push({ from: path, to: next, places: await findPlaces(store, path, next) })
      seen.add(next)
    }
  }
  return links
}

/** How many references away from `to` each object is that needs it. */
function measureDistances(infos: ReadonlyMap<StorePath, PathInfo>, to: StorePath): Map<StorePath, number> {
  const referrers = new Map<StorePath, StorePath[]>()
  for (const info of infos.values())
    for (const reference of otherReferences(info)) {
      const list = referrers.get(reference)
      if (list) list.push(info.path)
      else referrers.set(reference, [info.path])
    }
  const distances = new Map(infos.has(to) ? [[to, 0]] : [])
  for (const [path, distance] of distances)
    for (const referrer of referrers.get(path) ?? [])
      if (!distances.has(referrer)) distances.set(referrer, distance + 1)
  return distances
}

const otherReferences = ({ path, references }: PathInfo): readonly StorePath[] =>
  references.filter(reference => reference !== path)

const findPlaces = (store: Store, from: StorePath, to: StorePath): Promise<Occurrence[]> =>
  reading(store.locate(from), () => findOccurrences(store.locate(from), [hashPart(to)]))
