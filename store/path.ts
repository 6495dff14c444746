import { encodeBase32 } from './base32.js'
import { type Digest, digestOf } from './digest.js'
import { StoreError } from './error.js'
import { STORE_DIRECTORY } from './layout.js'

declare const brand: unique symbol

/** The base name of a store object, `<hash>-<name>`. Where it lies on disk is the Store's business. */
export type StorePath = string & { readonly [brand]: 'StorePath' }

/** Characters of the hash part. */
export const HASH_LENGTH = 32

const MAX_NAME = 211
const namePattern = /^[0-9A-Za-z+_?=][0-9A-Za-z+._?=-]*$/
const pathPattern = /^[0-9a-df-np-sv-z]{32}-(.*)$/s

export class BadStorePath extends StoreError {
  readonly code = 'BAD_STORE_PATH'

  constructor(text: string) {
    super(`"${text}" is not a store path`, {
      hint: `A store path looks like ${STORE_DIRECTORY}/<32 characters>-<name>`,
    })
  }
}

export class BadName extends StoreError {
  readonly code = 'BAD_NAME'

  constructor(name: string) {
    super(`"${name}" cannot be the name of a store object`, {
      hint: `Use 1 to ${MAX_NAME} letters, digits and +-._?=, not starting with a dot or a dash`,
    })
  }
}

const isName = (name: string): boolean => name.length <= MAX_NAME && namePattern.test(name)

/** Returns `name` when a store object may be called so. */
export function parseName(name: string): string {
  if (!isName(name)) throw new BadName(name)
  return name
}

/** Reads a base name, or a full logical path `/store/<hash>-<name>`. */
export function parseStorePath(text: string): StorePath {
  const base = text.startsWith(`${STORE_DIRECTORY}/`) ? text.slice(STORE_DIRECTORY.length + 1) : text
  const match = pathPattern.exec(base)
  if (!match || !isName(match[1]!)) throw new BadStorePath(text)
  return base as StorePath
}

/** The store path that `text` is, in an array that is empty when it is none: for `flatMap`. */
export function findStorePath(text: string): readonly StorePath[] {
  try {
    return [parseStorePath(text)]
  } catch {
    return []
  }
}

export const hashPart = (path: StorePath): string => path.slice(0, HASH_LENGTH)
export const nameOf = (path: StorePath): string => path.slice(HASH_LENGTH + 1)

/** The path as programs in a build see it: `/store/<hash>-<name>`. */
export const formatStorePath = (path: StorePath): string => `${STORE_DIRECTORY}/${path}`

/** How an object's content is hashed: the bytes of one file, or the NAR of a tree. */
export type Method = 'flat' | 'nar'

/** The path of content that is known beforehand: an added tree, or a fetched file. */
export const makeSourcePath = (method: Method, digest: Digest, name: string): StorePath =>
  makePath(`source:${method}:${digest.algorithm}:${digest.hex}`, name)

/** The path of a built output; `derivation` is the derivation's hash modulo fixed outputs. */
export const makeOutputPath = (derivation: Digest, output: string, name: string): StorePath =>
  makePath(
    `output:${output}:${derivation.algorithm}:${derivation.hex}`,
    output === 'out' ? name : `${name}-${output}`,
  )

/** The path of a derivation; `digest` is of its encoding. */
export const makeDerivationPath = (digest: Digest, name: string): StorePath =>
  makePath(`derivation:${digest.algorithm}:${digest.hex}`, `${name}.drv`)

function makePath(type: string, name: string): StorePath {
  const fingerprint = `${type}:${STORE_DIRECTORY}:${parseName(name)}`
  return `${encodeBase32(fold(Buffer.from(digestOf('blake3', fingerprint).hex, 'hex')))}-${name}` as StorePath
}

/** 32 bytes folded by XOR onto 20, which 32 characters hold. */
function fold(digest: Uint8Array): Uint8Array {
  const folded = new Uint8Array(20)
  digest.forEach((byte, i) => {
    folded[i % 20]! ^= byte
  })
  return folded
}
