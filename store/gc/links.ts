import { randomUUID } from 'node:crypto'
import { lstat, open, readdir, readlink, realpath, rename, symlink, unlink } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { digestOf } from '../digest.js'
import { makeDirectory } from '../directory.js'
import { StoreError, systemCode } from '../error.js'
import { reading, writing } from '../failure.js'
import { STORE_DIRECTORY } from '../layout.js'
import { type Lock, takeLock } from '../lock.js'
import { findStorePath, type StorePath } from '../path.js'
import { readInfo } from '../query.js'
import type { Store } from '../store.js'

/** An out-link: a symlink anywhere that keeps the object it points to. */
export interface OutLink {
  readonly link: string
  /** `undefined` when the link was moved, deleted, or made to point elsewhere: it is no root any more. */
  readonly path: StorePath | undefined
}

export class LinkExists extends StoreError {
  readonly code = 'LINK_EXISTS'

  constructor(link: string) {
    super(`Cannot make the link "${link}": something that is no link into the store is there`, {
      hint: 'Move it away, or give the link another name',
    })
  }
}

const folder = (store: Store): string => join(store.state, 'roots', 'auto')

/** Entries are made and pruned by one process at a time, so that nobody prunes one that was just made anew. */
const lockEntries = (store: Store): Promise<Lock> =>
  takeLock(store.keeper, join(store.state, 'locks', 'roots'))

/**
 * Makes `link` a symlink to where the object lies on disk, which is a root for as long as it stays there. A link to
 * another object is replaced. Once this has returned, a power cut does not remove it.
 */
export async function addLink(store: Store, link: string, path: StorePath): Promise<void> {
  await store.keepAlive([path])
  await readInfo(store, path)
  const place = join(await reading(dirname(link), () => realpath(dirname(link))), basename(link))
  const entry = join(folder(store), digestOf('blake3', place).hex.slice(0, 40))
  await writing(store.state, () => makeDirectory(folder(store)))
  await using _lock = await lockEntries(store)
  if (await isTaken(store, place)) throw new LinkExists(place)
  await writing(dirname(place), () => replaceLink(place, store.locate(path)))
  await writing(store.state, () => replaceLink(entry, place))
}

async function isTaken(store: Store, place: string): Promise<boolean> {
  const there = await lstat(place).catch(() => undefined)
  return there !== undefined && (await readTarget(store, place)) === undefined
}

/** Every out-link that was made and not pruned. */
export async function listLinks(store: Store): Promise<OutLink[]> {
  const links: OutLink[] = []
  for (const entry of await listEntries(store)) {
    const link = await readEntry(entry)
    if (link !== '') links.push({ link, path: await readTarget(store, link) })
  }
  return links
}

/** Forgets the links that are no roots any more, and returns them. */
export async function pruneLinks(store: Store): Promise<string[]> {
  const pruned: string[] = []
  await using _lock = await lockEntries(store)
  for (const entry of await listEntries(store)) {
    const link = await readEntry(entry)
    if ((await readTarget(store, link)) !== undefined) continue
    await writing(store.state, () => unlink(entry))
    pruned.push(link)
  }
  return pruned
}

/** The link that an entry is of; "" for one that is gone, or is none. */
const readEntry = (entry: string): Promise<string> =>
  readlink(entry).catch(error => {
    if (['ENOENT', 'EINVAL'].includes(systemCode(error) ?? '')) return ''
    throw error
  })

const listEntries = async (store: Store): Promise<string[]> => {
  const names = await readdir(folder(store)).catch(error => {
    if (systemCode(error) === 'ENOENT') return []
    throw error
  })
  return names.map(name => join(folder(store), name))
}

/** The object of this store that `link` points to, or into. */
async function readTarget(store: Store, link: string): Promise<StorePath | undefined> {
  const target = await reading(link, () =>
    readlink(link).catch(error => {
      // Only what is surely gone may be forgotten.
      if (['ENOENT', 'ENOTDIR', 'EINVAL'].includes(systemCode(error) ?? '')) return undefined
      throw error
    }),
  )
  if (target === undefined) return undefined
  const names = resolve(dirname(link), target).split('/')
  const at = names.findIndex(name => findStorePath(name).length > 0)
  if (at < 0) return undefined
  const directory = names.slice(0, at).join('/')
  if (directory !== STORE_DIRECTORY && (await findPlace(directory)) !== store.objects) return undefined
  return findStorePath(names[at]!)[0]
}

/** Where a directory is, by whatever name it is called; `undefined` when it is surely nowhere. */
const findPlace = (directory: string): Promise<string | undefined> =>
  reading(directory, () =>
    realpath(directory).catch(error => {
      if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined
      throw error
    }),
  )

/** A symlink in place of whatever was at `place`, at one instant, and on the disk. */
async function replaceLink(place: string, target: string): Promise<void> {
  const fresh = `${place}.${randomUUID()}`
  await symlink(target, fresh)
  await rename(fresh, place)
  await using folder = await open(dirname(place))
  await folder.sync()
}
