import { createReadStream } from 'node:fs'
import { open, readFile, stat } from 'node:fs/promises'
import { pipeline, Readable } from 'node:stream'
import { promisify } from 'node:util'
import { createGunzip, inflateRaw } from 'node:zlib'
import xz from 'xz-decompress'
import { hashPart, type StorePath } from '../path.js'
import { listFiles } from './files.js'
import { makeScanner } from './scanner.js'

/** References that stand in a compressed file, where no scan sees them and nothing keeps them alive. */
export interface HiddenReferences {
  /** The file's path within the tree, empty when the tree is a single file. */
  readonly file: string
  readonly references: readonly StorePath[]
}

/** Not more than this is unpacked of one file. */
const MAX_UNPACKED = 256 << 20
const MAX_ZIP = 256 << 20

type Unpack = (path: Buffer) => AsyncIterable<Uint8Array>

/** Looks for `possible` references inside the gz, xz and zip (also jar) files of a tree. */
export async function findHidden(tree: string, possible: Iterable<StorePath>): Promise<HiddenReferences[]> {
  const paths = new Map([...possible].map(path => [hashPart(path), path]))
  const hidden: HiddenReferences[] = []
  for (const { path, name, kind } of listFiles(tree)) {
    if (kind !== 'file') continue
    const format = await findFormat(path)
    if (!format) continue
    const scanner = makeScanner(paths.keys())
    await feed(format.unpack(path), scanner.update)
    if (scanner.found.size > 0)
      hidden.push({ file: name, references: [...scanner.found].sort().map(part => paths.get(part)!) })
  }
  return hidden
}

async function findFormat(path: Buffer) {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(6), 0, 6, 0)
  return formats.find(({ magic }) => buffer.subarray(0, Math.min(magic.length, bytesRead)).equals(magic))
}

/** A file that only looks compressed, or is damaged, is no news: what can be unpacked of it was looked at. */
async function feed(chunks: AsyncIterable<Uint8Array>, update: (chunk: Uint8Array) => void): Promise<void> {
  let size = 0
  try {
    for await (const chunk of chunks) {
      update(chunk)
      size += chunk.length
      if (size > MAX_UNPACKED) return
    }
  } catch {
    return
  }
}

/** Whoever reads the end of the pipeline sees its errors. */
const unpackGz: Unpack = path => pipeline(createReadStream(path), createGunzip(), () => undefined)

async function* unpackXz(path: Buffer): AsyncGenerator<Uint8Array, void, void> {
  const packed = createReadStream(path)
  try {
    const web = Readable.toWeb(packed) as ConstructorParameters<typeof xz.XzReadableStream>[0]
    const reader = new xz.XzReadableStream(web).getReader()
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    packed.destroy()
  }
}

const inflate = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(inflateRaw)

const END = Buffer.from('PK\x05\x06', 'latin1')
const ENTRY = Buffer.from('PK\x01\x02', 'latin1')
const DEFLATED = 8

/** The deflated members of a zip file; stored ones are seen without unpacking. */
async function* unpackZip(path: Buffer): AsyncGenerator<Uint8Array, void, void> {
  if ((await stat(path)).size > MAX_ZIP) return
  const bytes = await readFile(path)
  const end = bytes.lastIndexOf(END)
  if (end < 0) return
  let at = bytes.readUInt32LE(end + 16)
  while (bytes.subarray(at, at + 4).equals(ENTRY)) {
    const start = bytes.readUInt32LE(at + 42)
    const data = start + 30 + bytes.readUInt16LE(start + 26) + bytes.readUInt16LE(start + 28)
    const packed = bytes.subarray(data, data + bytes.readUInt32LE(at + 20))
    if (bytes.readUInt16LE(at + 10) === DEFLATED)
      yield await inflate(packed, { maxOutputLength: MAX_UNPACKED })
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
}

const formats: readonly { readonly magic: Buffer; readonly unpack: Unpack }[] = [
  { magic: Buffer.from([0x1f, 0x8b]), unpack: unpackGz },
  { magic: Buffer.from('\xfd7zXZ\0', 'latin1'), unpack: unpackXz },
  { magic: Buffer.from('PK\x03\x04', 'latin1'), unpack: unpackZip },
]
