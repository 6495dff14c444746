import type { FileHandle } from 'node:fs/promises'

/** Where the central directory of a zip archive lies, and how many members it lists. */
export interface ZipDirectory {
  readonly at: number
  readonly count: number
  /** What is written before the archive, such as a program that unpacks it, shifts all its offsets. */
  readonly shift: number
}

const signatures = { end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50 }
const endSize = 22
const locatorSize = 20

/** The directory's place stands in a record at the very end, before a comment of any length. */
export async function findDirectory(file: FileHandle): Promise<ZipDirectory> {
  const { size } = await file.stat()
  const tail = await readExactly(file, Math.max(0, size - endSize - 0xffff), Math.min(size, endSize + 0xffff))
  for (let at = tail.length - endSize; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== signatures.end || tail.readUInt16LE(at + 20) !== tail.length - at - endSize)
      continue
    const place = size - tail.length + at
    const end = {
      at: tail.readUInt32LE(at + 16),
      size: tail.readUInt32LE(at + 12),
      count: tail.readUInt16LE(at + 10),
    }
    if (end.count === 0xffff || end.at === 0xffffffff || end.size === 0xffffffff) {
      const wide = await findDirectory64(file, place)
      if (wide) return wide
    }
    return { at: place - end.size, count: end.count, shift: place - end.size - end.at }
  }
  throw new Error('it ends too early')
}

async function findDirectory64(file: FileHandle, end: number): Promise<ZipDirectory | undefined> {
  if (end < locatorSize) return undefined
  const locator = await readExactly(file, end - locatorSize, locatorSize)
  if (locator.readUInt32LE(0) !== signatures.locator64) return undefined
  const record = await readExactly(file, Number(locator.readBigUInt64LE(8)), 56)
  if (record.readUInt32LE(0) !== signatures.end64) throw new Error('its directory is damaged')
  return { at: Number(record.readBigUInt64LE(48)), count: Number(record.readBigUInt64LE(32)), shift: 0 }
}

/** Reads `length` bytes at `at`, or throws. */
export async function readExactly(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = at < 0 ? { bytesRead: -1 } : await file.read(buffer, 0, length, at)
  if (bytesRead !== length) throw new Error('it ends too early')
  return buffer
}
