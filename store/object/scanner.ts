import { base32Alphabet } from '../base32.js'
import { STORE_DIRECTORY } from '../layout.js'
import { HASH_LENGTH } from '../path.js'

/** Finds hash parts in a stream of bytes, also across the borders of its chunks. */
export interface Scanner {
  update(chunk: Uint8Array): void
  /** The hash parts looked for that occurred. */
  readonly found: ReadonlySet<string>
  /** Other hash parts that occurred as `/store/<hash part>-`. */
  readonly unknown: ReadonlySet<string>
}

const PREFIX = Buffer.from(`${STORE_DIRECTORY}/`)
const SLASH = PREFIX[PREFIX.length - 1]!
const DASH = 0x2d
/** As much of two chunks as one match can span. */
const SPAN = PREFIX.length + HASH_LENGTH

/** 1 for the characters a hash part consists of. */
const isDigit = new Uint8Array(256)
for (const character of base32Alphabet) isDigit[character.charCodeAt(0)] = 1

export function makeScanner(hashParts: Iterable<string>): Scanner {
  const sought = new Set(hashParts)
  const starts = makeStarts(sought)
  const found = new Set<string>()
  const unknown = new Set<string>()
  let tail: Buffer = Buffer.alloc(0)

  /** Looks at every place where a hash part may start, from `from` on. Looks at ends first, to skip ahead. */
  const scan = (bytes: Buffer) => {
    const last = bytes.length - HASH_LENGTH
    for (let at = 0; at <= last; ) {
      let end = at + HASH_LENGTH - 1
      while (end >= at && isDigit[bytes[end]!] === 1) end--
      if (end >= at) {
        at = end + 1
        continue
      }
      // Digits up to here are known: slide over the rest of the run.
      for (let next = at + HASH_LENGTH; ; next++, at++) {
        look(bytes, at)
        if (next >= bytes.length || isDigit[bytes[next]!] !== 1) break
      }
      at += HASH_LENGTH
    }
  }
  const look = (bytes: Buffer, at: number) => {
    const named = bytes[at - 1] === SLASH && bytes[at + HASH_LENGTH] === DASH
    if (!named && starts[startOf(bytes, at)] === 0) return
    const text = bytes.toString('latin1', at, at + HASH_LENGTH)
    if (sought.has(text)) found.add(text)
    else if (named && PREFIX.equals(bytes.subarray(Math.max(0, at - PREFIX.length), at))) unknown.add(text)
  }
  return {
    found,
    unknown,
    update: chunk => {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
      if (tail.length > 0) scan(Buffer.concat([tail, bytes.subarray(0, SPAN)]))
      scan(bytes)
      tail =
        bytes.length >= SPAN
          ? Buffer.from(bytes.subarray(-SPAN))
          : Buffer.concat([tail, bytes]).subarray(-SPAN)
    },
  }
}

/** The first characters of a hash part, as a number; most of what only looks like one ends here. */
const startOf = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! & 31) << 15) |
  ((bytes[at + 1]! & 31) << 10) |
  ((bytes[at + 2]! & 31) << 5) |
  (bytes[at + 3]! & 31)

function makeStarts(hashParts: Iterable<string>): Uint8Array {
  const starts = new Uint8Array(1 << 20)
  for (const hashPart of hashParts) starts[startOf(Buffer.from(hashPart), 0)] = 1
  return starts
}
