import { lstatSync } from 'node:fs'
import { systemCode } from '../error.js'
import { reading, writing } from '../failure.js'
import { KeeperFailure } from '../keeper.js'
import { kindOf, UnsupportedFile } from '../nar/format.js'
import type { StorePath } from '../path.js'
import type { Store } from '../store.js'
import { scanTree, type TreeScan } from './scan.js'

/**
 * Gives the tree at `staged` the metadata every object has: modified at 1 second past 1970, modes 0444 and 0555
 * (executable by its owner: 0555), the store's owner, no extended attributes, no file shared by hard links.
 * Sockets, devices and FIFOs are refused.
 */
export async function canonicalise(store: Store, staged: string): Promise<void> {
  try {
    await writing(staged, () => store.keeper.canonicalise(staged))
  } catch (error) {
    if (!(error instanceof KeeperFailure) || systemCode(error) !== 'ENOTSUP') throw error
    throw new UnsupportedFile(error.path, kindOf(lstatSync(error.path)))
  }
}

/** Makes the tree at `staged` canonical, then hashes it and finds its references: what `commitObjects` needs. */
export async function settleTree(
  store: Store,
  staged: string,
  possible: Iterable<StorePath>,
): Promise<TreeScan> {
  await canonicalise(store, staged)
  return reading(staged, () => scanTree(staged, possible))
}
