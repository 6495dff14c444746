import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { tryLock } from '../lock.js'
import { findStorePath, type StorePath } from '../path.js'
import { isValid, listValid } from '../query.js'
import { removeLeftovers } from '../stage.js'
import type { Store } from '../store.js'
import { removeTree } from './delete.js'

/**
 * Removes what crashed processes left: their stages, files that look like objects but are not valid, and
 * unused locks. What another process is working on is locked, and stays. Returns the paths removed.
 */
export async function removeGarbage(store: Store): Promise<StorePath[]> {
  await removeLeftovers(store.keeper, store.objects)
  const removed: StorePath[] = []
  for (const path of await listInvalid(store)) {
    await using lock = await store.tryLock(path)
    if (!lock || (await isValid(store, path))) continue
    await removeTree(store, store.locate(path))
    removed.push(path)
  }
  await removeLocks(store)
  return removed
}

/** A lock that nobody holds goes with being held and freed, whatever it is for. */
async function removeLocks({ keeper, state }: Store): Promise<void> {
  const folder = join(state, 'locks')
  for (const name of await readdir(folder)) {
    await using _unused = await tryLock(keeper, join(folder, name))
  }
}

async function listInvalid(store: Store): Promise<StorePath[]> {
  const paths = (await readdir(store.objects)).flatMap(findStorePath)
  const valid = new Set(await listValid(store))
  return paths.filter(path => !valid.has(path))
}
