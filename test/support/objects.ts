import { join } from 'node:path'
import {
  addTree,
  commitObjects,
  digestOf,
  lockAll,
  makeOutputPath,
  type PathInfo,
  type Store,
  type StorePath,
  settleTree,
} from '../../store/index.js'
import { type Tree, writeTree } from './trees.js'

/** A store path of nothing in particular. */
export const anyPath = (name: string): StorePath => makeOutputPath(digestOf('blake3', name), 'out', name)

/** Adds `tree` by its content. */
export async function add(store: Store, name: string, tree: Tree): Promise<PathInfo> {
  await using stage = await store.stage()
  const source = join(stage.directory, name)
  writeTree(source, tree)
  return await addTree(store, name, source)
}

/** Commits trees to given paths, as a build does with its outputs. */
export async function commit(
  store: Store,
  trees: Readonly<Record<StorePath, Tree>>,
  possible: Iterable<StorePath> = [],
  deriver?: StorePath,
): Promise<PathInfo[]> {
  await using stage = await store.stage()
  const paths = Object.keys(trees) as StorePath[]
  const all = [...possible, ...paths]
  const candidates = []
  for (const path of paths) {
    const staged = join(stage.directory, path)
    writeTree(staged, trees[path]!)
    candidates.push({ path, staged, scan: await settleTree(store, staged, all), deriver })
  }
  await using _locks = await lockAll(store, paths)
  return await commitObjects(store, candidates)
}
