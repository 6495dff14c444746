import type { PathInfo } from '../db/info.js'
import { StoreError } from '../error.js'
import { StillReferenced } from '../object/delete.js'
import { formatStorePath, type StorePath } from '../path.js'
import { computeClosure, filterValid, listReferrers } from '../query.js'
import type { Store } from '../store.js'
import { findRootChain, StillAlive } from './chain.js'
import { deleteDead } from './sweep.js'

export class ObjectBusy extends StoreError {
  readonly code = 'OBJECT_BUSY'

  constructor(path: StorePath) {
    super(`Cannot delete "${formatStorePath(path)}": a store command works on it`, {
      hint: 'Run the command again when that one is done',
    })
  }
}

/** Deletes the given objects; refuses, naming why, when something keeps one of them or refers to it. */
export async function discard(store: Store, paths: Iterable<StorePath>): Promise<PathInfo[]> {
  const doomed = new Set(paths)
  await refuseKept(store, doomed)
  const ordered = (await computeClosure(store, doomed))
    .map(({ path }) => path)
    .filter(path => doomed.has(path))
  const gone = await deleteDead(store, ordered.reverse())
  const left = await filterValid(store, doomed)
  if (left.size === 0) return gone
  await refuseKept(store, left)
  throw new ObjectBusy([...left][0]!)
}

async function refuseKept(store: Store, doomed: ReadonlySet<StorePath>): Promise<void> {
  for (const path of doomed) {
    const chain = await findRootChain(store, path)
    if (chain) throw new StillAlive(chain)
    const referrer = (await listReferrers(store, path)).find(other => !doomed.has(other))
    if (referrer !== undefined) throw new StillReferenced(path, referrer)
  }
}
