import { lstatSync, unlinkSync } from 'node:fs'
import { StoreError } from '../error.js'
import { writing } from '../failure.js'
import { lockAll } from '../lock.js'
import { formatStorePath, type StorePath } from '../path.js'
import type { Store } from '../store.js'

export class StillReferenced extends StoreError {
  readonly code = 'STILL_REFERENCED'

  constructor(path: StorePath, referrer: StorePath) {
    super(`Cannot delete "${formatStorePath(path)}": ${formatStorePath(referrer)} refers to it`, {
      hint: 'Delete its referrers first; store referrers lists them',
    })
  }
}

/**
 * Deletes objects: at one instant none of them is valid any more, then their files go. Nothing happens when
 * another valid object refers to one of them. Paths that are not valid are skipped.
 */
export async function deleteObjects(store: Store, paths: Iterable<StorePath>): Promise<void> {
  const doomed = new Set(paths)
  await using _locks = await lockAll(store, doomed)
  const { remove = [] } = await store.database.change(async valid => {
    const paths = [...doomed]
    for (const [path, referrers] of await valid.listReferrers(paths)) {
      const referrer = referrers.find(other => !doomed.has(other))
      if (referrer !== undefined) throw new StillReferenced(path, referrer)
    }
    return { remove: (await valid.findInfos(paths)).filter(info => info !== undefined) }
  })
  for (const { path } of remove) await removeTree(store, store.locate(path))
}

/** Removes the file tree at `path`, whatever modes its directories have. A single file takes no walk. */
export const removeTree = (store: Store, path: string): Promise<void> =>
  writing(path, () => {
    const there = lstatSync(path, { throwIfNoEntry: false })
    return !there || there.isDirectory() ? store.keeper.remove(path) : unlinkSync(path)
  })
