import { base32Alphabet } from './base32.js'
import type { PathInfo } from './db/info.js'
import { sortDepthFirst } from './depth-first.js'
import { StoreError } from './error.js'
import { STORE_DIRECTORY } from './layout.js'
import { formatStorePath, HASH_LENGTH, parseStorePath, type StorePath } from './path.js'
import type { Store } from './store.js'

export class NoSuchObject extends StoreError {
  readonly code = 'NO_SUCH_OBJECT'

  constructor(text: string) {
    super(`No object "${text}" is in this store`, {
      hint: 'Build or add it first; another user, or another STORE_ROOT, has a store of its own',
    })
  }
}

export class AmbiguousPath extends StoreError {
  readonly code = 'AMBIGUOUS_PATH'

  constructor(text: string, candidates: readonly StorePath[]) {
    super(`"${text}" is the start of several objects: ${candidates.map(formatStorePath).join(', ')}`, {
      hint: 'Give more characters of the hash',
    })
  }
}

/** Fewer characters of a hash are taken for a name. */
const MIN_PREFIX = 4
const MAX_CANDIDATES = 10
const prefixPattern = new RegExp(`^[${base32Alphabet}]{${MIN_PREFIX},${HASH_LENGTH}}$`)

export async function findInfo(store: Store, path: StorePath): Promise<PathInfo | undefined> {
  return (await store.database.findInfos([path]))[0]
}

export async function readInfo(store: Store, path: StorePath): Promise<PathInfo> {
  const info = await findInfo(store, path)
  if (!info) throw new NoSuchObject(formatStorePath(path))
  return info
}

export const isValid = async (store: Store, path: StorePath): Promise<boolean> =>
  (await findInfo(store, path)) !== undefined

/** Those of `paths` that are valid. */
export async function filterValid(store: Store, paths: Iterable<StorePath>): Promise<Set<StorePath>> {
  const infos = await store.database.findInfos([...new Set(paths)])
  return new Set(infos.flatMap(info => info?.path ?? []))
}

/** All valid paths, sorted. */
export const listValid = (store: Store): Promise<StorePath[]> => store.database.listPaths()

/** Valid objects that contain `path`, sorted; itself too when it does. */
export const listReferrers = async (store: Store, path: StorePath): Promise<readonly StorePath[]> =>
  (await store.database.listReferrers([path])).get(path)!

/** Valid outputs of the derivation `deriver`, sorted. */
export const listOutputs = async (store: Store, deriver: StorePath): Promise<readonly StorePath[]> =>
  (await store.database.listOutputs([deriver])).get(deriver)!

/** Everything `roots` refer to, directly or not, and themselves; what is referred to comes first. */
export async function computeClosure(store: Store, roots: Iterable<StorePath>): Promise<PathInfo[]> {
  const start = [...new Set(roots)]
  const infos = new Map<StorePath, PathInfo>()
  for (let level: StorePath[] = start; level.length > 0; ) {
    const found = await store.database.findInfos(level)
    const next = new Set<StorePath>()
    found.forEach((info, i) => {
      if (!info) throw new NoSuchObject(formatStorePath(level[i]!))
      infos.set(info.path, info)
      for (const reference of info.references) next.add(reference)
    })
    level = [...next].filter(path => !infos.has(path))
  }
  return sortDepthFirst(start, path => infos.get(path)!.references).map(path => infos.get(path)!)
}

/**
 * The valid object a user means: a full path (also as it lies on disk, or of a file inside), a base name,
 * or an unambiguous start of the hash.
 */
export async function resolvePath(store: Store, text: string): Promise<StorePath> {
  if (prefixPattern.test(text)) {
    const candidates = await store.database.listPaths(text, MAX_CANDIDATES)
    if (candidates.length > 1) throw new AmbiguousPath(text, candidates)
    if (candidates.length === 0) throw new NoSuchObject(text)
    return candidates[0]!
  }
  const directory = [store.objects, STORE_DIRECTORY].find(directory => text.startsWith(`${directory}/`))
  const base = directory === undefined ? text : text.slice(directory.length + 1).split('/', 1)[0]!
  return (await readInfo(store, parseStorePath(base))).path
}
