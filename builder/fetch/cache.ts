import { randomUUID } from 'node:crypto'
import { access, constants, copyFile, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Digest, equalDigests, StoreError, systemCode } from '../../store/index.js'
import { readChunks } from './chunks.js'
import type { Fetched } from './fetch.js'
import { CLAIM, openPart, removeOldParts, removePart } from './parts.js'
import { receive } from './receive.js'

/** A digest to look for, and the file names it may have in a directory that a user filled. */
export interface Wanted {
  readonly digest: Digest
  readonly names: readonly string[]
}

export interface Notices {
  readonly warn: (message: string) => void
  readonly signal?: AbortSignal | undefined
}

/** Files that were fetched before. Its failures are warnings: a fetch never fails because of its cache. */
export interface DownloadCache {
  /** Copies the wanted content to the new file `target` and verifies it; `undefined` when it is not to be had. */
  take(wanted: Wanted, target: string, notices: Notices): Promise<Fetched | undefined>
  /** Whether there is something to take, which nobody has verified. */
  has(wanted: Wanted): Promise<boolean>
  /**
   * Keeps the file that `fill` completes, which has the first bytes already when a download of `digest` broke off.
   * Where `fill` fails, what came stays for the next; where it gives `undefined`, nothing does. Whoever calls it has the
   * claim. `undefined` when nothing can be kept there.
   */
  gather<T>(
    digest: Digest,
    notices: Notices,
    fill: (path: string) => Promise<T | undefined>,
  ): Promise<T | undefined>
  /** Keeps a copy of `file`, whose content has the digest `digest`. */
  keep(digest: Digest, file: string, notices: Notices): Promise<void>
  /** The file whose lock says who fetches `digest` for all stores of this user; `undefined` when nothing is kept. */
  claimFile(digest: Digest): Promise<string | undefined>
}

export interface CacheOptions {
  /** Where downloads are kept, one file each: `<algorithm>-<hex>`. */
  readonly folder: string
  /** A directory with files a user brings (`STORE_SOURCES`); it is read only. */
  readonly sources?: string | undefined
}

export const noCache: DownloadCache = {
  take: async () => undefined,
  has: async () => false,
  gather: async () => undefined,
  keep: async () => {},
  claimFile: async () => undefined,
}

/** The folder shared by all stores of a user. */
export function downloadsFolder(
  variables: Readonly<Record<string, string | undefined>>,
  home: string,
  isRoot: boolean,
): string {
  if (isRoot) return '/var/cache/store/downloads'
  const cacheHome = variables.XDG_CACHE_HOME
  return join(cacheHome?.startsWith('/') ? cacheHome : join(home, '.cache'), 'store/downloads')
}

export function makeDownloadCache({ folder, sources }: CacheOptions): DownloadCache {
  const entryOf = (digest: Digest): string => join(folder, fileName(digest))
  const placesOf = ({ digest, names }: Wanted): readonly string[] => [
    ...(sources === undefined
      ? []
      : [fileName(digest), digest.hex, ...names].map(name => join(sources, name))),
    entryOf(digest),
  ]
  return {
    async take(wanted, target, notices) {
      const { digest } = wanted
      const entry = entryOf(digest)
      for (const place of placesOf(wanted)) {
        const found = await copyVerified(place, target, digest, notices)
        if (found === 'absent') continue
        if (found !== 'damaged') return { bytes: found, from: place }
        notices.warn(
          place === entry
            ? `"${place}" is damaged and is fetched again`
            : `"${place}" is not used: it does not have the declared hash`,
        )
        if (place === entry)
          await rm(entry, { force: true }).catch(error => notices.warn(unusable(folder, error)))
      }
      return undefined
    },

    async has(wanted) {
      for (const place of placesOf(wanted)) {
        const isThere = await access(place, constants.R_OK).then(
          () => true,
          () => false,
        )
        if (isThere) return true
      }
      return false
    },

    async gather(digest, { warn }, fill) {
      const refused = (error: unknown): void => warn(unusable(folder, error))
      try {
        await removeOldParts(folder)
        await using part = await openPart(folder, fileName(digest))
        const result = await fill(part.path)
        if (result === undefined) await removePart(folder, fileName(digest))
        else await rename(part.path, entryOf(digest)).catch(refused)
        return result
      } catch (error) {
        if (!isOfSystem(error)) throw error
        refused(error)
        await removePart(folder, fileName(digest))
        return undefined
      }
    },

    async keep(digest, file, { warn }) {
      const fresh = join(folder, `${temporary}${randomUUID()}`)
      try {
        await mkdir(folder, { recursive: true })
        await removeStale(folder)
        await copyFile(file, fresh)
        await rename(fresh, entryOf(digest))
      } catch (error) {
        warn(unusable(folder, error))
        await rm(fresh, { force: true }).catch(() => {})
      }
    },

    claimFile: digest =>
      mkdir(folder, { recursive: true })
        .then(() => access(folder, constants.W_OK))
        // What is wrong with it is told when something is to be kept.
        .then(
          () => join(folder, CLAIM + fileName(digest)),
          () => undefined,
        ),
  }
}

const fileName = (digest: Digest): string => `${digest.algorithm}-${digest.hex}`

/** The disk is full, for one. */
const isOfSystem = (error: unknown): boolean => error instanceof Error && 'syscall' in error

const unusable = (folder: string, error: unknown): string =>
  `The download cache "${folder}" cannot be used: ${error instanceof Error ? error.message : error}`

/** The number of bytes copied; a file that cannot be read counts as absent, with a warning. */
async function copyVerified(
  place: string,
  target: string,
  digest: Digest,
  { warn, signal }: Notices,
): Promise<number | 'absent' | 'damaged'> {
  try {
    const { bytes, actual } = await receive(readChunks(place), target, digest, { signal })
    return equalDigests(actual, digest) ? bytes : 'damaged'
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof StoreError) throw error
    if (!['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(systemCode(error) ?? ''))
      warn(`"${place}" cannot be read: ${error instanceof Error ? error.message : error}`)
    return 'absent'
  }
}

const temporary = '.new-'
const day = 24 * 60 * 60 * 1000

/** Removes what a process that died left unfinished. */
async function removeStale(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(temporary)) continue
    const path = join(folder, name)
    const info = await lstat(path).catch(() => undefined)
    if (info && Date.now() - info.mtimeMs > day) await rm(path, { force: true })
  }
}
