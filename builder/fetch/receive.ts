import { type FileHandle, open, rm } from 'node:fs/promises'
import { type Digest, equalDigests, type Hasher, makeHasher, writing } from '../../store/index.js'

/** What arrived: its size, and the hash it has rather than the one it should have. */
export interface Received {
  readonly bytes: number
  readonly actual: Digest
}

/** What a transfer may be told and may tell. */
export interface Transfer {
  readonly signal?: AbortSignal | undefined
  /** Called with the number of bytes so far, after each chunk. */
  readonly onProgress?: ((bytes: number) => void) | undefined
}

/**
 * Writes `chunks` to the new file `target` and hashes them on the way.
 * The file stays only when it has the digest `declared`; otherwise, and on every error, nothing is left.
 */
export function receive(
  chunks: AsyncIterable<Uint8Array>,
  target: string,
  declared: Digest,
  transfer: Transfer = {},
): Promise<Received> {
  return writing(target, async () => {
    const file = await open(target, 'wx')
    let right = false
    try {
      const hasher = makeHasher(declared.algorithm)
      const bytes = await append(chunks, file, hasher, transfer)
      const actual = hasher.digest()
      right = equalDigests(actual, declared)
      return { bytes, actual }
    } finally {
      await file.close()
      if (!right) await rm(target, { force: true })
    }
  })
}

/** Writes `chunks` behind what is in `file`, hashes them on the way, and gives how many bytes they were. */
export async function append(
  chunks: AsyncIterable<Uint8Array>,
  file: FileHandle,
  hasher: Hasher,
  { signal, onProgress }: Transfer,
): Promise<number> {
  let bytes = 0
  for await (const chunk of chunks) {
    signal?.throwIfAborted()
    hasher.update(chunk)
    await file.writeFile(chunk)
    bytes += chunk.length
    onProgress?.(bytes)
  }
  signal?.throwIfAborted()
  return bytes
}
