import { open, stat, truncate } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { type Digest, equalDigests, type Hasher, makeHasher } from '../../store/index.js'
import { readChunks } from './chunks.js'
import { openUrl } from './open.js'
import { UrlProblem } from './problem.js'
import { append, type Received } from './receive.js'
import type { Connection } from './request.js'

/** Where a file comes from, and what it shall be. */
export interface Origin {
  readonly url: string
  readonly declared: Digest
  readonly connection: Connection
  readonly onProgress: (bytes: number, total: number | undefined) => void
}

/**
 * Completes the file `path`, which may have its first bytes already, with what `url` serves, and gives what it is then.
 * A file that came in several pieces and has not the digest `declared` is fetched once more, whole. Content with
 * another digest is removed, but `path` stays; so does what came before a problem, which is thrown.
 */
export async function completeFile(path: string, origin: Origin): Promise<Received> {
  for (let isLast = false; ; isLast = true) {
    const { from, ...received } = await goOnPatiently(path, origin)
    if (equalDigests(received.actual, origin.declared)) return received
    await truncate(path)
    if (from === 0 || isLast) return received
  }
}

/** How many bytes the file `path` has, if they are all that `declared` is of. */
export async function findWhole(
  path: string,
  declared: Digest,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  const hasher = makeHasher(declared.algorithm)
  await update(hasher, path, signal)
  return equalDigests(hasher.digest(), declared) ? await sizeOf(path) : undefined
}

/** Asks for the rest after longer and longer pauses when the connection breaks off, as long as more comes. */
async function goOnPatiently(path: string, origin: Origin): Promise<Completed> {
  const { pauses, signal, onPause } = origin.connection
  for (let tries = 0; ; tries++) {
    const before = await sizeOf(path)
    try {
      return await goOn(path, origin)
    } catch (problem) {
      if (!(problem instanceof UrlProblem && problem.passing)) throw problem
      const hasGrown = (await sizeOf(path)) > before
      if (hasGrown) tries = 0
      const pause = hasGrown || tries > 0 ? pauses[tries] : undefined
      if (pause === undefined) throw problem
      onPause?.({ url: origin.url, reason: problem.message, seconds: pause / 1000 })
      await delay(pause, undefined, { ...(signal && { signal }) })
    }
  }
}

interface Completed extends Received {
  /** How many bytes were there before. */
  readonly from: number
}

async function goOn(path: string, { url, declared, connection, onProgress }: Origin): Promise<Completed> {
  const { from, length, chunks } = await openUrl(url, connection, await sizeOf(path))
  await truncate(path, from)
  const hasher = makeHasher(declared.algorithm)
  await update(hasher, path, connection.signal)
  const total = length === undefined ? undefined : from + length
  const file = await open(path, 'a')
  try {
    const came = await append(chunks, file, hasher, {
      signal: connection.signal,
      onProgress: bytes => onProgress(from + bytes, total),
    })
    return { from, bytes: from + came, actual: hasher.digest() }
  } finally {
    await file.close()
  }
}

/** Hashes what is in a file. */
async function update(hasher: Hasher, path: string, signal: AbortSignal | undefined): Promise<void> {
  for await (const chunk of readChunks(path)) {
    signal?.throwIfAborted()
    hasher.update(chunk)
  }
}

const sizeOf = async (path: string): Promise<number> => (await stat(path)).size
