import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Algorithm, type Digest, formatDigest, makeHasher, parseDigest } from '../digest.js'
import { makeDirectory } from '../directory.js'
import { systemCode } from '../error.js'
import { writing } from '../failure.js'
import type { Method } from '../path.js'
import type { Store } from '../store.js'

/** What a walk over a tree tells without opening a file. */
export interface Fingerprint {
  readonly key: string
  /** Nanoseconds since 1970 of the last change that any file of it shows. */
  readonly newest: bigint
}

/**
 * Nanoseconds. A file may change again in the tick of the clock in which it changed last, and show nothing of it: only
 * trees that were at rest for longer than the coarsest clock of a file system ticks are remembered.
 */
const MARGIN = 2_000_000_000n

const SLASH = Buffer.from('/')

/** Everything of the files below `source` that changes with their content: device, inode, size, times; and names. */
export function fingerprint(source: string, method: Method, algorithm: Algorithm): Fingerprint {
  const hasher = makeHasher('blake3')
  hasher.update(Buffer.from(`adds-1 ${method} ${algorithm}\n`))
  let newest = 0n
  const visit = (path: Buffer, stats = lstatSync(path, { bigint: true })): void => {
    const { dev, ino, mode, size, mtimeNs, ctimeNs } = stats
    hasher.update(Buffer.from(`${dev} ${ino} ${mode} ${size} ${mtimeNs} ${ctimeNs}\n`))
    for (const time of [mtimeNs, ctimeNs]) if (time > newest) newest = time
    if (!stats.isDirectory()) return
    const names = readdirSync(path, { encoding: 'buffer' }).sort(Buffer.compare)
    for (const name of names) {
      hasher.update(Buffer.from(`${name.length} `))
      hasher.update(name)
      visit(Buffer.concat([path, SLASH, name]))
    }
    hasher.update(Buffer.from('.\n'))
  }
  const start = Buffer.from(source)
  visit(start, method === 'flat' ? statSync(start, { bigint: true }) : undefined)
  return { key: hasher.digest().hex, newest }
}

const folder = (store: Store): string => join(store.state, 'cache', 'adds-1')

/**
 * The digest of what lies at `source`: the remembered one when nothing there has changed, else that which `hash`
 * computes, remembered if the source was at rest before and is the same afterwards.
 */
export async function digestOnce(
  store: Store,
  source: string,
  { method, algorithm }: { readonly method: Method; readonly algorithm: Algorithm },
  hash: () => Promise<Digest>,
): Promise<Digest> {
  const before = fingerprint(source, method, algorithm)
  const file = join(folder(store), before.key)
  const known = recall(file)
  if (known?.algorithm === algorithm) return known
  const started = BigInt(Date.now()) * 1_000_000n
  const digest = await hash()
  if (before.newest + MARGIN < started && fingerprint(source, method, algorithm).key === before.key)
    await writing(store.state, () => remember(store, file, digest))
  return digest
}

/** What is not a digest was cut short by a crash, and counts as absent. */
function recall(file: string): Digest | undefined {
  try {
    return parseDigest(readFileSync(file, 'utf8').trim())
  } catch (error) {
    if (
      systemCode(error) === 'ENOENT' ||
      (error instanceof Error && 'code' in error && error.code === 'BAD_DIGEST')
    )
      return undefined
    throw error
  }
}

async function remember(store: Store, file: string, digest: Digest): Promise<void> {
  const fresh = `${file}.${process.pid}`
  await makeDirectory(folder(store))
  await writeFile(fresh, `${formatDigest(digest)}\n`)
  await rename(fresh, file)
}

/** Days after which a digest is forgotten. */
const KEEP = 90

/** Forgets digests that were computed long ago. */
export async function forgetDigests(store: Store): Promise<void> {
  const names = await readdir(folder(store)).catch(error => {
    if (systemCode(error) === 'ENOENT') return []
    throw error
  })
  for (const name of names) {
    const file = join(folder(store), name)
    const stats = await stat(file).catch(() => undefined)
    if (stats && stats.mtimeMs / 1000 < store.clock() - KEEP * 24 * 3600) await rm(file, { force: true })
  }
}
