import { compareBytes } from '../canonical.js'
import { type Digest, formatDigest, parseDigest } from '../digest.js'
import { StoreError } from '../error.js'
import { formatStorePath, parseStorePath, type StorePath } from '../path.js'

export class DamagedRecord extends StoreError {
  readonly code = 'DAMAGED_RECORD'

  constructor(path: StorePath, reason: string) {
    super(`Cannot read the record of "${formatStorePath(path)}": ${reason}`, {
      hint: 'Make it anew from the files of the object: store verify --repair',
    })
  }
}

/** The record that makes an object valid. */
export interface PathInfo {
  readonly path: StorePath
  /** BLAKE3 of the object's NAR. */
  readonly narHash: Digest
  readonly narSize: number
  /** Sorted by bytes; an object that contains its own path is among them. */
  readonly references: readonly StorePath[]
  readonly deriver: StorePath | undefined
  /** When it became valid, in seconds since 1970. */
  readonly registered: number
  /** Where it comes from, as whoever registered it says: channel, commit, URL, ... */
  readonly provenance: Provenance | undefined
  readonly signatures: readonly string[]
}

export type Provenance = Readonly<Record<string, string>>

const fields = ['narHash', 'narSize', 'references', 'deriver', 'registered', 'provenance', 'signatures']

/** The value stored under an object's path: one line of JSON, absent fields left out. */
export function encodeInfo(info: PathInfo): string {
  const { narSize, deriver, registered, signatures } = info
  const references = [...info.references].sort(compareBytes)
  const provenance =
    info.provenance &&
    Object.fromEntries(Object.entries(info.provenance).sort(([a], [b]) => compareBytes(a, b)))
  return JSON.stringify({
    narHash: formatDigest(info.narHash),
    narSize,
    references,
    deriver,
    registered,
    provenance,
    signatures,
  })
}

/** Reads what `encodeInfo` wrote for `path`; anything else is damage, and refused. */
export function decodeInfo(path: StorePath, text: string): PathInfo {
  const fail = (reason: string) => new DamagedRecord(path, reason)
  const value = parseRecord(text)
  if (!value) throw fail('it is not a record')
  const unknown = Object.keys(value).find(key => !fields.includes(key))
  if (unknown !== undefined) throw fail(`unknown field "${unknown}"`)
  const { narHash, narSize, references, deriver, registered, provenance, signatures } = value
  if (typeof narHash !== 'string') throw fail('narHash is not a hash')
  if (!isCount(narSize)) throw fail('narSize is not a size')
  if (!isCount(registered)) throw fail('registered is not a time')
  if (!isTexts(references)) throw fail('references is not a list of paths')
  if (!isTexts(signatures)) throw fail('signatures is not a list of strings')
  if (deriver !== undefined && typeof deriver !== 'string') throw fail('deriver is not a path')
  if (provenance !== undefined && !isProvenance(provenance))
    throw fail('provenance is not a record of strings')
  return {
    path,
    narHash: attempt(() => parseDigest(narHash), fail),
    narSize,
    references: attempt(() => references.map(parseStorePath), fail),
    deriver: deriver === undefined ? undefined : attempt(() => parseStorePath(deriver), fail),
    registered,
    provenance,
    signatures,
  }
}

function attempt<T>(parse: () => T, fail: (reason: string) => Error): T {
  try {
    return parse()
  } catch (error) {
    throw error instanceof StoreError ? fail(error.message) : error
  }
}

function parseRecord(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(item => typeof item === 'string')

const isProvenance = (value: unknown): value is Provenance => isRecord(value) && isTexts(Object.values(value))
