import type { PathInfo } from './db/info.js'
import type { StorePath } from './path.js'
import { computeClosure } from './query.js'
import type { Store } from './store.js'

/** The bytes of an object's NAR, and of those of all it needs, itself included. */
export interface ObjectSize {
  readonly path: StorePath
  readonly self: number
  readonly closure: number
}

/** The sizes of every object in the closure of `roots`, the largest first. */
export async function measureClosure(store: Store, roots: Iterable<StorePath>): Promise<ObjectSize[]> {
  const infos = new Map((await computeClosure(store, roots)).map(info => [info.path, info]))
  return [...infos.values()]
    .map(({ path, narSize }) => ({ path, self: narSize, closure: sumClosure(infos, path) }))
    .sort((a, b) => b.self - a.self || (a.path < b.path ? -1 : 1))
}

function sumClosure(infos: ReadonlyMap<StorePath, PathInfo>, path: StorePath): number {
  const reached = new Set([path])
  let sum = 0
  for (const next of reached) {
    const { narSize, references } = infos.get(next)!
    sum += narSize
    for (const reference of references) reached.add(reference)
  }
  return sum
}
