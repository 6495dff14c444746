import { reading } from '../../store/index.js'
import { arMagic, readAr } from './ar.js'
import { readingArchive } from './bad-archive.js'
import { readChunks } from './chunks.js'
import { makeConfinement, placeOf } from './confine.js'
import { compressionOf, decompress } from './decompress.js'
import { isTarHeader, memberTime, readTar, type TarMember } from './tar.js'
import { readZip } from './zip.js'

/** What an archive says of itself. */
export interface Inspection {
  /** The newest time of a member, in Unix seconds, from the archive's own headers; `undefined` when it has none. */
  readonly newest: number | undefined
  /** The name of the first member that unpacking would put, or reach, outside the directory it is unpacked in. */
  readonly escaping: string | undefined
}

const nothing: Inspection = { newest: undefined, escaping: undefined }

/**
 * Reads a file's own headers, in constant memory: tar (plain or in gz, xz, bz2, zst), zip, `ar` and deb (their
 * outer members only) and single gz files are known by their first bytes. Any other file has no time.
 */
export function inspectArchive(path: string): Promise<Inspection> {
  return reading(path, () => readingArchive(path, () => inspect(path)))
}

/** What a file is by its first bytes; `content` is that of a tar archive, uncompressed. */
export type Format =
  | { readonly kind: 'tar'; readonly content: AsyncIterable<Buffer> }
  | { readonly kind: 'zip' | 'ar' | 'other' }
  | { readonly kind: 'gzip'; readonly time: number | undefined }

export async function formatOf(path: string): Promise<Format> {
  const head = await readHead(path)
  if (isTarHeader(head)) return { kind: 'tar', content: readChunks(path) }
  if (head.subarray(0, arMagic.length).equals(arMagic)) return { kind: 'ar' }
  if (/^PK(\x03\x04|\x05\x06)/.test(head.toString('latin1', 0, 4))) return { kind: 'zip' }
  const compression = compressionOf(head)
  if (!compression) return { kind: 'other' }
  const content = await peek(decompress(path, compression))
  if (isTarHeader(content.head)) return { kind: 'tar', content: content.all }
  await content.cancel()
  return compression === 'gzip' ? { kind: 'gzip', time: gzipTime(head) } : { kind: 'other' }
}

async function inspect(path: string): Promise<Inspection> {
  const format = await formatOf(path)
  if (format.kind === 'tar') return inspectTar(readTar(format.content))
  if (format.kind === 'gzip') return { ...nothing, newest: format.time }
  if (format.kind === 'ar') return inspectAr(path)
  return format.kind === 'zip' ? inspectZip(path) : nothing
}

async function inspectTar(members: AsyncIterable<TarMember>): Promise<Inspection> {
  const confinement = makeConfinement()
  let { newest, escaping } = nothing
  for await (const { header } of members) {
    const { name, type, linkname } = header
    newest = later(newest, memberTime(header))
    if (escaping === undefined && confinement.leaves(placeOf({ name, type, target: linkname ?? '' })))
      escaping = name
  }
  return { newest, escaping }
}

async function inspectAr(path: string): Promise<Inspection> {
  let newest: number | undefined
  for await (const { time } of readAr(path)) newest = later(newest, time)
  return { newest, escaping: undefined }
}

/** A symlink in a zip says where it points only in its compressed content: writing through any one is refused. */
async function inspectZip(path: string): Promise<Inspection> {
  const confinement = makeConfinement()
  let { newest, escaping } = nothing
  for await (const { name, type, time } of readZip(path)) {
    newest = later(newest, time)
    if (escaping === undefined && confinement.leaves(placeOf({ name, type, target: '/' }))) escaping = name
  }
  return { newest, escaping }
}

const later = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || (b !== undefined && b > a) ? b : a
/** The time of the packed file, of which zero says that there is none. */
const gzipTime = (head: Buffer): number | undefined => head.readUInt32LE(4) || undefined

async function readHead(path: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of readChunks(path, { start: 0, end: 512 })) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Reads the first block of `content`; `all` has the whole of it, that block included. */
async function peek(content: AsyncIterable<Buffer>) {
  const chunks = content[Symbol.asyncIterator]()
  const first: Buffer[] = []
  let length = 0
  while (length < 512) {
    const { done, value } = await chunks.next()
    if (done) break
    first.push(value)
    length += value.length
  }
  const head = Buffer.concat(first)
  async function* all(): AsyncGenerator<Buffer> {
    try {
      yield head
      yield* { [Symbol.asyncIterator]: () => chunks }
    } finally {
      await chunks.return?.()
    }
  }
  return { head, all: all(), cancel: () => chunks.return?.() }
}
