import { createHash } from 'node:crypto'
import { Blake3Hasher, blake3 } from '@napi-rs/blake-hash'
import { base32Length, decodeBase32 } from './base32.js'
import { StoreError } from './error.js'

export type Algorithm = 'blake3' | 'sha256' | 'sha512'

/** A hash as a value. `hex` is lower-case, so that equal digests are equal strings. */
export interface Digest {
  readonly algorithm: Algorithm
  readonly hex: string
}

/** An incremental hash computation. */
export interface Hasher {
  update(bytes: Uint8Array): void
  digest(): Digest
}

export class BadDigest extends StoreError {
  readonly code = 'BAD_DIGEST'

  constructor(text: string, reason: string) {
    super(`Cannot read "${text}" as a hash: ${reason}`, {
      hint: 'Write sha256-<base64>, or sha256:<hex or base-32>; sha512 and blake3 likewise',
    })
  }
}

const sizes: Readonly<Record<Algorithm, number>> = { blake3: 32, sha256: 32, sha512: 64 }

const isAlgorithm = (text: string): text is Algorithm => Object.hasOwn(sizes, text)

/** Starts hashing. BLAKE3 is the 256-bit, unkeyed form. */
export function makeHasher(algorithm: Algorithm): Hasher {
  const hash: { update(bytes: Uint8Array): unknown; digest(format: 'hex'): string } =
    algorithm === 'blake3' ? new Blake3Hasher() : createHash(algorithm)
  return {
    update: bytes => void hash.update(bytes),
    digest: () => ({ algorithm, hex: hash.digest('hex') }),
  }
}

/** The hash of bytes that are all there: of few, several times as quick as a hasher. */
export function digestOf(algorithm: Algorithm, bytes: Uint8Array | string): Digest {
  if (algorithm === 'blake3') return { algorithm, hex: blake3(bytes).toString('hex') }
  const hasher = makeHasher(algorithm)
  hasher.update(typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
  return hasher.digest()
}

/** Reads SRI (`sha256-<base64>`), or `<algorithm>:<text>` with the text in hex, Nix's base-32 or base64. */
export function parseDigest(text: string): Digest {
  const match = /^([a-z0-9]+)([-:])(.*)$/s.exec(text)
  if (!match) throw new BadDigest(text, 'the algorithm is missing')
  const [, algorithm = '', separator, body = ''] = match
  if (!isAlgorithm(algorithm)) throw new BadDigest(text, `unknown algorithm "${algorithm}"`)
  const bytes = decodeBody(body, sizes[algorithm], separator === '-')
  if (!bytes) throw new BadDigest(text, `it is not ${sizes[algorithm]} bytes in a known spelling`)
  return { algorithm, hex: bytes.toString('hex') }
}

/** The one way we write a hash: SRI, `<algorithm>-<base64>`. */
export const formatDigest = (digest: Digest): string =>
  `${digest.algorithm}-${Buffer.from(digest.hex, 'hex').toString('base64')}`

export const equalDigests = (a: Digest, b: Digest): boolean => a.algorithm === b.algorithm && a.hex === b.hex

function decodeBody(body: string, size: number, onlyBase64: boolean): Buffer | undefined {
  if (!onlyBase64 && body.length === 2 * size && /^[0-9a-fA-F]*$/.test(body)) return Buffer.from(body, 'hex')
  if (!onlyBase64 && body.length === base32Length(size)) return decodeBase32(body)
  const bytes = Buffer.from(body, 'base64')
  return bytes.length === size && bytes.toString('base64') === body ? bytes : undefined
}
