import { StoreError } from '../error.js'
import { formatStorePath, type StorePath } from '../path.js'
import { listReferrers } from '../query.js'
import type { Store } from '../store.js'
import { findRoots, formatRoot, type Root } from './roots.js'

/** Why an object is live. */
export interface RootChain {
  readonly root: Root
  /** From what the root keeps down to the object, each referring to the next. */
  readonly paths: readonly StorePath[]
}

export class StillAlive extends StoreError {
  readonly code = 'STILL_ALIVE'

  constructor({ root, paths }: RootChain) {
    super(
      `Cannot delete "${formatStorePath(paths.at(-1)!)}": ${formatRoot(root)} keeps it` +
        (paths.length > 1 ? `, by way of ${paths.map(formatStorePath).join(' -> ')}` : ''),
      { hint: hints[root.kind](root.name) },
    )
  }
}

const hints: Readonly<Record<Root['kind'], (name: string) => string>> = {
  named: name => `Remove the root first: store root remove ${name}`,
  link: name => `Delete the link first: rm ${name}`,
  process: name => `End the process first; see what it is with "ps ${name}"`,
  command: name => `Wait until the command is done; see what it is with "ps ${name}"`,
}

/** The shortest way from a root to `path`, or `undefined` when nothing keeps it. */
export async function findRootChain(store: Store, path: StorePath): Promise<RootChain | undefined> {
  const roots = new Map((await findRoots(store)).reverse().map(root => [root.path, root]))
  const next = new Map<StorePath, StorePath | undefined>([[path, undefined]])
  for (const current of next.keys()) {
    const root = roots.get(current)
    if (root) return { root, paths: follow(next, current) }
    for (const referrer of await listReferrers(store, current))
      if (!next.has(referrer)) next.set(referrer, current)
  }
  return undefined
}

function follow(next: ReadonlyMap<StorePath, StorePath | undefined>, start: StorePath): StorePath[] {
  const paths: StorePath[] = []
  for (let path: StorePath | undefined = start; path !== undefined; path = next.get(path)) paths.push(path)
  return paths
}
