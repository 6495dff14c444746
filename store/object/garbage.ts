import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseStorePath, type StorePath } from '../path.js'
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
  for (const path of await listInvalid(store, store.objects)) {
    await using lock = await store.tryLock(path)
    if (!lock || (await isValid(store, path))) continue
    await removeTree(store, store.locate(path))
    removed.push(path)
  }
  for (const path of await listInvalid(store, join(store.state, 'locks'))) {
    await using _unused = await store.tryLock(path)
  }
  return removed
}

/** Names in `directory` that are store paths, but not of valid objects. Any other file is not ours. */
async function listInvalid(store: Store, directory: string): Promise<StorePath[]> {
  const paths = (await readdir(directory)).flatMap(tryParse)
  const valid = await filterValid(store, paths)
  return paths.filter(path => !valid.has(path))
}

function tryParse(text: string): StorePath | [] {
  try {
    return parseStorePath(text)
  } catch {
    return []
  }
}
