import { setImmediate } from 'node:timers/promises'
import { type Algorithm, type Digest, makeHasher } from '../digest.js'
import { dumpInPlace } from './write.js'

/** The hash and the size of a tree's NAR. */
export interface NarHash {
  readonly narHash: Digest
  readonly narSize: number
}

/** Throws the reason of `signal` when that ends. */
export async function hashTree(
  path: string,
  algorithm: Algorithm = 'blake3',
  signal?: AbortSignal,
): Promise<NarHash> {
  const sum = startSum(algorithm)
  for (const chunk of dumpInPlace(path)) {
    signal?.throwIfAborted()
    sum.add(chunk)
    await setImmediate()
  }
  return sum.take()
}

/** The same at once, for a thread that does nothing else. */
export function hashTreeSync(path: string): NarHash {
  const sum = startSum('blake3')
  for (const chunk of dumpInPlace(path)) sum.add(chunk)
  return sum.take()
}

export async function hashNar(
  nar: AsyncIterable<Uint8Array>,
  algorithm: Algorithm = 'blake3',
): Promise<NarHash> {
  const sum = startSum(algorithm)
  for await (const chunk of nar) sum.add(chunk)
  return sum.take()
}

function startSum(algorithm: Algorithm) {
  const hasher = makeHasher(algorithm)
  let narSize = 0
  return {
    add: (chunk: Uint8Array): void => {
      hasher.update(chunk)
      narSize += chunk.length
    },
    take: (): NarHash => ({ narHash: hasher.digest(), narSize }),
  }
}
