import { StoreError } from './error.js'

export class BadEncoding extends StoreError {
  readonly code = 'BAD_ENCODING'

  constructor(what: string, reason: string) {
    super(`Cannot read ${what}: ${reason}`, {
      hint: 'It was damaged, or written by a newer version of store',
    })
  }
}

/** From the surrogates on, the order of UTF-16, which is JavaScript's, is not that of UTF-8. */
const HIGH = /[\ud800-\uffff]/

/** Orders strings by the bytes of their UTF-8. */
export function compareBytes(a: string, b: string): number {
  if (a === b) return 0
  if (HIGH.test(a) || HIGH.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return a < b ? -1 : 1
}

/**
 * The writer of hashed bytes. A person can read and write the form by hand: strings are
 * `<bytes>:<text>\n`, a list is its `<count>\n` followed by its items, a map is a list of keys and
 * values sorted by key, a set is a sorted list. The first line names the format and its version.
 */
export class CanonicalWriter {
  #text: string

  constructor(format: string) {
    this.#text = `${format}\n`
  }

  /** Lone surrogates are refused: they have no UTF-8, and two values would share one encoding. */
  string(value: string): void {
    if (!value.isWellFormed()) throw new BadEncoding(JSON.stringify(value), 'it is not well-formed Unicode')
    this.#text += `${Buffer.byteLength(value)}:${value}\n`
  }

  list<T>(items: readonly T[], write: (item: T) => void): void {
    this.#text += `${items.length}\n`
    items.forEach(write)
  }

  set(items: ReadonlySet<string>): void {
    this.list([...items].sort(compareBytes), item => this.string(item))
  }

  map<T>(entries: ReadonlyMap<string, T>, write: (value: T) => void): void {
    this.list(
      [...entries].sort(([a], [b]) => compareBytes(a, b)),
      ([key, value]) => {
        this.string(key)
        write(value)
      },
    )
  }

  finish(): Uint8Array {
    return Buffer.from(this.#text)
  }
}

/** Reads what `CanonicalWriter` writes, and refuses any other spelling of the same value. */
export class CanonicalReader {
  readonly #bytes: Buffer
  readonly #what: string
  readonly format: string
  #at = 0

  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#what = what
    this.format = this.#until('\n')
  }

  string(): string {
    const length = this.#count(':')
    const text = this.#bytes.toString('utf8', this.#at, this.#at + length)
    const exact = Buffer.from(text).equals(this.#bytes.subarray(this.#at, this.#at + length))
    if (!exact || this.#at + length > this.#bytes.length) this.fail('a string is cut short or is not UTF-8')
    this.#at += length
    if (this.#until('\n') !== '') this.fail('a string does not end where it says')
    return text
  }

  list<T>(read: () => T): T[] {
    return Array.from({ length: this.#count('\n') }, read)
  }

  set<T extends string>(read: (text: string) => T): Set<T> {
    return new Set(this.#sorted(this.list(() => this.string())).map(read))
  }

  map<T>(read: (key: string) => T): Map<string, T> {
    const entries = this.list(() => {
      const key = this.string()
      return [key, read(key)] as const
    })
    this.#sorted(entries.map(([key]) => key))
    return new Map(entries)
  }

  finish(): void {
    if (this.#at !== this.#bytes.length) this.fail('something follows its end')
  }

  fail(reason: string): never {
    throw new BadEncoding(this.#what, reason)
  }

  #sorted(keys: readonly string[]): readonly string[] {
    if (keys.some((key, i) => i > 0 && compareBytes(keys[i - 1]!, key) >= 0))
      this.fail('entries are not in order')
    return keys
  }

  #count(end: string): number {
    const text = this.#until(end)
    const count = Number(text)
    if (!/^(0|[1-9][0-9]{0,9})$/.test(text) || count > this.#bytes.length)
      this.fail(`"${text}" is not a count`)
    return count
  }

  #until(end: string): string {
    const stop = this.#bytes.indexOf(end, this.#at)
    if (stop < 0) this.fail('it ends too early')
    const text = this.#bytes.toString('latin1', this.#at, stop)
    this.#at = stop + 1
    return text
  }
}
