import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { findStorePath, type StorePath } from '../path.js'
import { filterValid, isValid } from '../query.js'
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
  for (const path of await listPaths(join(store.state, 'locks'))) {
    await using _unused = await store.tryLock(path)
  }
  return removed
}

async function listInvalid(store: Store): Promise<StorePath[]> {
  const paths = await listPaths(store.objects)
  const valid = await filterValid(store, paths)
  return paths.filter(path => !valid.has(path))
}

/** Names in `directory` that are store paths; any other file is not ours. */
const listPaths = async (directory: string): Promise<StorePath[]> =>
  (await readdir(directory)).flatMap(findStorePath)
