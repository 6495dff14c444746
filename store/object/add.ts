import { closeSync, openSync, writeSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { PathInfo, Provenance } from '../db/info.js'
import {
  type Algorithm,
  type Digest,
  equalDigests,
  formatDigest,
  type Hasher,
  makeHasher,
} from '../digest.js'
import { StoreError } from '../error.js'
import { reading, writing } from '../failure.js'
import { hashTree } from '../nar/hash.js'
import { readNar } from '../nar/read.js'
import { writeNar } from '../nar/write.js'
import { type Method, makeSourcePath, parseName, type StorePath } from '../path.js'
import { filterValid, findInfo, listValid } from '../query.js'
import type { Store } from '../store.js'
import { tap } from '../tap.js'
import { canonicalise, settleTree } from './canonicalise.js'
import { commitObjects } from './commit.js'
import { digestOnce } from './known.js'
import { startScan, type TreeScan } from './scan.js'

export interface AddOptions {
  /** What names the object; BLAKE3 unless told. */
  readonly algorithm?: Algorithm
  /** Content with any other hash is refused. Its algorithm is the one used. */
  readonly declared?: Digest
  /** What the content may refer to: for a tree, every valid path unless told; for a file, nothing. */
  readonly possible?: Iterable<StorePath>
  readonly provenance?: Provenance
  /** Ends the work, which then throws its reason. */
  readonly signal?: AbortSignal
}

export class HashMismatch extends StoreError {
  readonly code = 'HASH_MISMATCH'
  readonly declared: Digest
  readonly actual: Digest

  constructor(name: string, declared: Digest, actual: Digest) {
    super(`Cannot accept "${name}": expected ${formatDigest(declared)}, got ${formatDigest(actual)}`, {
      hint: `If the new content is intended, declare ${formatDigest(actual)}`,
    })
    this.declared = declared
    this.actual = actual
  }
}

/** Adds the tree at `source`, named by the hash of its NAR. Afterwards the object is valid, or nothing has changed. */
export function addTree(
  store: Store,
  name: string,
  source: string,
  options: AddOptions = {},
): Promise<PathInfo> {
  return add(store, { name, source, options, ...tree })
}

/** Adds the regular file at `source`, named by the hash of its bytes; it is not executable as an object. */
export function addFile(
  store: Store,
  name: string,
  source: string,
  options: AddOptions = {},
): Promise<PathInfo> {
  return add(store, { name, source, options, ...file })
}

/** How one kind of source is hashed, and copied. */
interface Kind {
  readonly method: Method
  hash(source: string, algorithm: Algorithm, signal: AbortSignal | undefined): Promise<Digest>
  /** Copies `source` to `staged`, settled; `hasher` gets the bytes that name the object as they are copied. */
  copy(job: Job, staged: string, hasher: Hasher): Promise<TreeScan>
}

interface Job {
  readonly store: Store
  readonly source: string
  readonly options: AddOptions
}

const tree: Kind = {
  method: 'nar',
  hash: async (source, algorithm, signal) => (await hashTree(source, algorithm, signal)).narHash,
  copy: async ({ store, source, options }, staged, hasher) => {
    const scan = startScan(options.possible ?? (await listValid(store)))
    await readNar(
      tap(writeNar(source, options.signal), chunk => {
        scan.update(chunk)
        hasher.update(chunk)
      }),
      staged,
    )
    await canonicalise(store, staged)
    return scan.finish()
  },
}

const file: Kind = {
  method: 'flat',
  hash: async (source, algorithm, signal) => {
    const hasher = makeHasher(algorithm)
    for await (const chunk of readFileChunks(source, signal)) hasher.update(chunk)
    return hasher.digest()
  },
  copy: async ({ store, source, options }, staged, hasher) => {
    const copy = openSync(staged, 'wx', 0o644)
    try {
      for await (const chunk of readFileChunks(source, options.signal)) {
        hasher.update(chunk)
        for (let done = 0; done < chunk.length; ) done += writeSync(copy, chunk, done)
      }
    } finally {
      closeSync(copy)
    }
    return settleTree(store, staged, options.possible ?? [])
  },
}

/**
 * Hashing first makes adding what is there already cheap; the copy is hashed again, for the source may change. No
 * collection takes the object, nor what it refers to, while the store is open.
 */
async function add(
  store: Store,
  { name, source, options, method, hash, copy }: Kind & Omit<Job, 'store'> & { readonly name: string },
): Promise<PathInfo> {
  parseName(name)
  const algorithm = options.declared?.algorithm ?? options.algorithm ?? 'blake3'
  const expected =
    options.declared ??
    (await reading(source, () =>
      digestOnce(store, source, { method, algorithm }, () => hash(source, algorithm, options.signal)),
    ))
  const likely = makeSourcePath(method, expected, name)
  await store.keepAlive([likely])
  const known = await findInfo(store, likely)
  if (known) return known

  await using stage = await store.stage()
  const staged = join(stage.directory, 'object')
  const hasher = makeHasher(algorithm)
  const scan = await reading(source, () =>
    writing(stage.directory, () => copy({ store, source, options }, staged, hasher)),
  )
  const digest = hasher.digest()
  if (options.declared && !equalDigests(options.declared, digest))
    throw new HashMismatch(name, options.declared, digest)
  const path = makeSourcePath(method, digest, name)
  await store.keepAlive([path, ...scan.references])
  const references = options.possible ? scan.references : await dropCollected(store, path, scan.references)
  await using _lock = await store.lock(path)
  const [info] = await commitObjects(store, [
    { path, staged, scan: { ...scan, references }, provenance: options.provenance },
  ])
  return info!
}

/** What was collected since the scan began is no object any more: a scan from now on would not find it. */
async function dropCollected(
  store: Store,
  own: StorePath,
  references: readonly StorePath[],
): Promise<StorePath[]> {
  const valid = await filterValid(store, references)
  return references.filter(path => path === own || valid.has(path))
}

async function* readFileChunks(
  source: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer, void, void> {
  const handle: FileHandle = await open(source)
  try {
    const buffer = Buffer.allocUnsafeSlow(1 << 20)
    for (;;) {
      signal?.throwIfAborted()
      const { bytesRead } = await handle.read(buffer, 0, buffer.length)
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await handle.close()
  }
}
