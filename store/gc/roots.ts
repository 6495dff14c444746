import { readdir, readlink, symlink, unlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { makeDirectory } from '../directory.js'
import { StoreError, systemCode } from '../error.js'
import { writing } from '../failure.js'
import { findStorePath, formatStorePath, type StorePath } from '../path.js'
import { readInfo } from '../query.js'
import type { Store } from '../store.js'
import { listLinks } from './links.js'
import { findUsedPaths } from './processes.js'
import { readTemporaryRoots } from './temporary.js'

/** Something that keeps an object, and so its closure. The object need not be valid. */
export interface Root {
  readonly path: StorePath
  readonly kind: 'named' | 'link' | 'process' | 'command'
  /** The root's name, the link's path, or the number of the process. */
  readonly name: string
}

export class BadRootName extends StoreError {
  readonly code = 'BAD_ROOT_NAME'

  constructor(name: string) {
    super(`"${name}" cannot be the name of a root`, {
      hint: 'Use letters, digits and +-._=@, starting with a letter or digit, and not "auto"',
    })
  }
}

export class RootExists extends StoreError {
  readonly code = 'ROOT_EXISTS'

  constructor(name: string, path: StorePath | undefined) {
    super(
      `There is a root "${name}" already${path === undefined ? '' : `, which keeps ${formatStorePath(path)}`}`,
      {
        hint: `Give another name, or remove it: store root remove ${name}`,
      },
    )
  }
}

export class NoSuchRoot extends StoreError {
  readonly code = 'NO_SUCH_ROOT'

  constructor(name: string) {
    super(`There is no root "${name}"`, { hint: 'List them with: store root list' })
  }
}

const AUTO = 'auto'
const namePattern = /^[0-9A-Za-z][0-9A-Za-z+._=@-]{0,199}$/

const folder = (store: Store): string => join(store.state, 'roots')

function rootFile(store: Store, name: string): string {
  if (!namePattern.test(name) || name === AUTO) throw new BadRootName(name)
  return join(folder(store), name)
}

/** Keeps the object until the root is removed; once this has returned, a power cut does not remove it. */
export async function addRoot(store: Store, name: string, path: StorePath): Promise<void> {
  const file = rootFile(store, name)
  await store.keepAlive([path])
  await readInfo(store, path)
  try {
    await writing(store.state, async () => {
      await makeDirectory(folder(store))
      await symlink(store.locate(path), file)
      await store.keeper.sync(store.state)
    })
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
    const known = await readRoot(store, name)
    if (known !== path) throw new RootExists(name, known)
  }
}

export async function removeRoot(store: Store, name: string): Promise<void> {
  const file = rootFile(store, name)
  try {
    await writing(store.state, () => unlink(file))
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw new NoSuchRoot(name)
    throw error
  }
}

/** The named roots, sorted by name. */
export async function listNamedRoots(store: Store): Promise<Root[]> {
  const roots: Root[] = []
  for (const name of await listNames(store)) {
    const path = await readRoot(store, name)
    if (path !== undefined) roots.push({ kind: 'named', name, path })
  }
  return roots
}

/** What lies among the named roots and names no object. */
export async function listStrangers(store: Store): Promise<string[]> {
  const strangers: string[] = []
  for (const name of await listNames(store))
    if ((await readRoot(store, name)) === undefined) strangers.push(name)
  return strangers
}

async function listNames(store: Store): Promise<string[]> {
  const names = await readdir(folder(store)).catch(error => {
    if (systemCode(error) === 'ENOENT') return []
    throw error
  })
  return names.filter(name => name !== AUTO).sort()
}

/** A store may have been moved since: only the base name of the target counts. */
async function readRoot(store: Store, name: string): Promise<StorePath | undefined> {
  const target = await readlink(join(folder(store), name)).catch(error => {
    if (['ENOENT', 'EINVAL'].includes(systemCode(error) ?? '')) return ''
    throw error
  })
  return findStorePath(basename(target))[0]
}

/**
 * Everything that keeps objects. Commands come first: one that makes another root, or starts a program, ends after it
 * has done so; whoever finds the command gone finds what it left.
 */
export async function findRoots(store: Store): Promise<Root[]> {
  const commands = await readTemporaryRoots(store.keeper, store.state)
  const named = await listNamedRoots(store)
  const links = await listLinks(store)
  return [
    ...named,
    ...links.flatMap(({ link, path }): Root[] =>
      path === undefined ? [] : [{ kind: 'link', name: link, path }],
    ),
    ...commands.map(({ path, pid }): Root => ({ kind: 'command', name: String(pid), path })),
    ...findUsedPaths(store.objects).map(
      ({ path, pid }): Root => ({ kind: 'process', name: String(pid), path }),
    ),
  ]
}

const kinds: Readonly<Record<Root['kind'], (name: string) => string>> = {
  named: name => `the root "${name}"`,
  link: name => `the link "${name}"`,
  process: name => `process ${name}`,
  command: name => `a store command, process ${name}`,
}

/** A root in words. */
export const formatRoot = ({ kind, name }: Root): string => kinds[kind](name)
