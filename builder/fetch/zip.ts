import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { crc32, createInflateRaw } from 'node:zlib'
import { readChunks } from './chunks.js'
import { findDirectory, readExactly } from './zip-directory.js'

/** A member of a zip archive, as its central directory lists it. */
export interface ZipMember {
  readonly name: string
  /** Unix seconds; the format's local time is taken as UTC. */
  readonly time: number
  readonly type: 'file' | 'directory' | 'symlink' | 'other'
  /** Permissions, when the archive was made where there are any. */
  readonly mode: number | undefined
  readonly size: number
  /** Its content, which is checked against its size and checksum. */
  readonly body: AsyncIterable<Buffer>
}

const ENTRY = 0x02014b50
const LOCAL = 0x04034b50

/** Reads the members that the central directory lists, in its order. */
export async function* readZip(path: string): AsyncGenerator<ZipMember> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const directory = await findDirectory(file)
    let { at } = directory
    let packed = 0
    for (let count = directory.count; count > 0; count--) {
      const fixed = await readExactly(file, at, 46)
      if (fixed.readUInt32LE(0) !== ENTRY) throw new Error('its directory is damaged')
      const [nameLength, extraLength, commentLength] = [28, 30, 32].map(field => fixed.readUInt16LE(field))
      const tail = await readExactly(file, at + 46, nameLength! + extraLength!)
      const entry = readEntry(fixed, tail.subarray(0, nameLength), tail.subarray(nameLength))
      // Members that share their bytes unfold without end.
      packed += 30 + nameLength! + entry.packed
      if (packed > size) throw new Error('its members overlap')
      yield { ...entry, body: readBody(path, file, { ...entry, start: entry.start + directory.shift }) }
      at += 46 + nameLength! + extraLength! + commentLength!
    }
  } finally {
    await file.close()
  }
}

interface Entry extends Omit<ZipMember, 'body'> {
  readonly method: number
  readonly isEncrypted: boolean
  readonly crc: number
  /** Bytes in the archive. */
  readonly packed: number
  /** Where its own header lies. */
  readonly start: number
}

function readEntry(fixed: Buffer, rawName: Buffer, extra: Buffer): Entry {
  const name = rawName.toString('utf8')
  const unix = fixed[5] === 3 ? fixed.readUInt16LE(40) : 0
  const [size, packed, start] = readSizes(fixed, extra)
  return {
    name,
    time: dosTime(fixed.readUInt16LE(14), fixed.readUInt16LE(12)),
    type: name.endsWith('/') ? 'directory' : (types.get(unix & S_IFMT) ?? 'other'),
    mode: unix === 0 ? undefined : unix & 0o777,
    method: fixed.readUInt16LE(10),
    isEncrypted: (fixed.readUInt16LE(8) & 1) !== 0,
    crc: fixed.readUInt32LE(16),
    size: size!,
    packed: packed!,
    start: start!,
  }
}

const { S_IFMT, S_IFREG, S_IFDIR, S_IFLNK } = constants

/** By the type that Unix gives it; elsewhere there is none. */
const types: ReadonlyMap<number, ZipMember['type']> = new Map([
  [0, 'file'],
  [S_IFREG, 'file'],
  [S_IFDIR, 'directory'],
  [S_IFLNK, 'symlink'],
])

/** Size, packed size and place; what does not fit 32 bits stands, in this order, in an extra field. */
function readSizes(fixed: Buffer, extra: Buffer): readonly number[] {
  let large: Buffer = Buffer.alloc(0)
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2))
    if (extra.readUInt16LE(at) === 1) large = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2))
  return [24, 20, 42].map(field => {
    const value = fixed.readUInt32LE(field)
    if (value !== 0xffffffff || large.length < 8) return value
    const wide = Number(large.readBigUInt64LE())
    large = large.subarray(8)
    return wide
  })
}

async function* readBody(path: string, file: FileHandle, entry: Entry): AsyncGenerator<Buffer> {
  const fail = (reason: string): never => {
    throw new Error(`its member "${entry.name}" ${reason}`)
  }
  if (entry.isEncrypted) fail('is encrypted')
  const decode = methods[entry.method] ?? fail(`is packed by method ${entry.method}; deflate is known`)
  const header = await readExactly(file, entry.start, 30)
  if (header.readUInt32LE(0) !== LOCAL) fail('is not where the directory says')
  const start = entry.start + 30 + header.readUInt16LE(26) + header.readUInt16LE(28)
  let [bytes, sum] = [0, 0]
  for await (const chunk of decode(readChunks(path, { start, end: start + entry.packed }))) {
    bytes += chunk.length
    if (bytes > entry.size) fail('is larger than it says')
    sum = crc32(chunk, sum)
    yield chunk
  }
  if (bytes !== entry.size || sum !== entry.crc) fail('is damaged')
}

const methods: Readonly<Record<number, (packed: AsyncIterable<Buffer>) => AsyncIterable<Buffer>>> = {
  0: packed => packed,
  8: inflate,
}

async function* inflate(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const source = Readable.from(packed, { objectMode: false })
  const inflater = createInflateRaw({ chunkSize: 64 * 1024 })
  source.on('error', error => inflater.destroy(error))
  try {
    yield* source.pipe(inflater)
  } finally {
    source.destroy()
    inflater.destroy()
  }
}

const dosTime = (date: number, time: number): number =>
  Date.UTC(
    1980 + (date >> 9),
    ((date >> 5) & 15) - 1,
    date & 31,
    time >> 11,
    (time >> 5) & 63,
    (time & 31) * 2,
  ) / 1000
