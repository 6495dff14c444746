import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
import bitIterator, { type BitReader } from 'unbzip2-stream/lib/bit_iterator.js'
import bzip2 from 'unbzip2-stream/lib/bzip2.js'
import xz from 'xz-decompress'
import { type Range, readChunks } from './chunks.js'
import { decodeZstd } from './zstd.js'

export type Compression = 'gzip' | 'xz' | 'bzip2' | 'zstd'

const magics: Readonly<Record<Compression, RegExp>> = {
  gzip: /^\x1f\x8b\x08/,
  xz: /^\xfd7zXZ\0/,
  bzip2: /^BZh[1-9](1AY&SY|\x17rE8P\x90)/,
  // A frame, or one before it that is to be skipped.
  zstd: /^(\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18)/,
}

/** How a file that begins with `head` is compressed, as far as we can undo it. */
export function compressionOf(head: Buffer): Compression | undefined {
  const text = head.toString('latin1', 0, 16)
  return (Object.keys(magics) as Compression[]).find(name => magics[name].test(text))
}

/** The content of a compressed file, or of a part of one. Pieces are decoded only as they are taken. */
export function decompress(
  path: string,
  compression: Compression,
  range: Range = { start: 0 },
): AsyncIterable<Buffer> {
  return decoders[compression](path, range)
}

const decoders: Readonly<Record<Compression, (path: string, range: Range) => AsyncIterable<Buffer>>> = {
  gzip: decodeGzip,
  xz: decodeXz,
  bzip2: decodeBzip2,
  zstd: decodeZstd,
}

async function* decodeGzip(path: string, range: Range): AsyncGenerator<Buffer> {
  const source = Readable.from(readChunks(path, range), { objectMode: false })
  const gunzip = createGunzip({ chunkSize: 64 * 1024 })
  source.on('error', error => gunzip.destroy(error))
  try {
    yield* source.pipe(gunzip)
  } finally {
    source.destroy()
    gunzip.destroy()
  }
}

async function* decodeXz(path: string, range: Range): AsyncGenerator<Buffer> {
  const source = Readable.from(readChunks(path, range), { objectMode: false })
  const decoded = new xz.XzReadableStream(Readable.toWeb(source) as ReadableStream<Uint8Array>)
  try {
    for await (const chunk of decoded) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  } catch (error) {
    const code = /error code (\d)$/.exec(error instanceof Error ? error.message : '')?.[1]
    throw code === undefined ? error : new Error(xzErrors[code] ?? 'its xz data is damaged', { cause: error })
  } finally {
    source.destroy()
  }
}

/** What the numbers mean that the decoder gives instead of a reason. */
const xzErrors: Readonly<Record<string, string>> = {
  2: 'its xz data has a kind of checksum that is not known here',
  4: 'its xz data needs more memory than is allowed',
  6: 'its xz data was made with options that are not known here',
  8: 'its xz data is cut short',
}

/** The decoder asks for its input without waiting, so the file is read the same way. */
async function* decodeBzip2(path: string, { start, end }: Range): AsyncGenerator<Buffer> {
  const file = openSync(path, 'r')
  try {
    const size = (end ?? fstatSync(file).size) - start
    let at = 0
    const bits = bitIterator(() => {
      const buffer = Buffer.allocUnsafe(Math.min(64 * 1024, size - at))
      const length = readSync(file, buffer, 0, buffer.length, start + at)
      if (length === 0) throw new Error('the file ends too early')
      at += length
      return buffer.subarray(0, length)
    })
    let blockSize = bzip2.header(bits) * 100_000
    while (blockSize > 0) {
      yield* decodeBzip2Stream(bits, blockSize)
      blockSize = bits.bytesRead < size ? nextBlockSize(bits) : 0
    }
  } finally {
    closeSync(file)
  }
}

/** Another stream may follow the first; anything else is ignored, as bzip2 itself does. */
function nextBlockSize(bits: BitReader): number {
  try {
    return bzip2.header(bits) * 100_000
  } catch {
    return 0
  }
}

async function* decodeBzip2Stream(bits: BitReader, blockSize: number): AsyncGenerator<Buffer> {
  const work = new Int32Array(blockSize)
  let checksum: number | null = 0
  while (true) {
    const pieces = makePieces()
    try {
      checksum = bzip2.decompress(bits, pieces.put, work, blockSize, checksum)
    } catch (error) {
      throw new Error('its bzip2 data is damaged or cut short', { cause: error })
    }
    if (checksum === null) return
    yield* pieces.finish()
    await setImmediate()
  }
}

/** Collects single bytes; a block may unfold to fifty times its size. */
function makePieces(): { put(byte: number): void; finish(): Buffer[] } {
  const full: Buffer[] = []
  let piece = Buffer.allocUnsafe(64 * 1024)
  let used = 0
  return {
    put(byte) {
      if (used === piece.length) {
        full.push(piece)
        piece = Buffer.allocUnsafe(piece.length)
        used = 0
      }
      piece[used++] = byte
    },
    finish: () => [...full, piece.subarray(0, used)],
  }
}
