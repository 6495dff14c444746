import { type Algorithm, type Digest, makeHasher } from '../digest.js'
import { writeNar } from './write.js'

/** The hash and the size of a tree's NAR. */
export interface NarHash {
  readonly narHash: Digest
  readonly narSize: number
}

export const hashTree = (path: string, algorithm: Algorithm = 'blake3'): Promise<NarHash> =>
  hashNar(writeNar(path), algorithm)

export async function hashNar(
  nar: AsyncIterable<Uint8Array>,
  algorithm: Algorithm = 'blake3',
): Promise<NarHash> {
  const hasher = makeHasher(algorithm)
  let narSize = 0
  for await (const chunk of nar) {
    hasher.update(chunk)
    narSize += chunk.length
  }
  return { narHash: hasher.digest(), narSize }
}
