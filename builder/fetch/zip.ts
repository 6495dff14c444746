import { type FileHandle, open } from 'node:fs/promises'

/** A member of a zip archive, as its central directory lists it. */
export interface ZipMember {
  readonly name: string
  /** Unix seconds; the format's local time is taken as UTC. */
  readonly time: number
  readonly isSymlink: boolean
}

const signatures = { entry: 0x02014b50, end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50 }
const endSize = 22
const locatorSize = 20

/** Reads the central directory; the members themselves are not looked at. */
export async function* readZip(path: string): AsyncGenerator<ZipMember> {
  const file = await open(path, 'r')
  try {
    let { at, count } = await findDirectory(file)
    for (; count > 0; count--) {
      const fixed = await readExactly(file, at, 46)
      if (fixed.readUInt32LE(0) !== signatures.entry) throw new Error('its directory is damaged')
      const nameLength = fixed.readUInt16LE(28)
      const name = await readExactly(file, at + 46, nameLength)
      yield {
        name: name.toString('utf8'),
        time: dosTime(fixed.readUInt16LE(14), fixed.readUInt16LE(12)),
        isSymlink: madeOnUnix(fixed) && ((fixed.readUInt32LE(38) >>> 16) & 0o170000) === 0o120000,
      }
      at += 46 + nameLength + fixed.readUInt16LE(30) + fixed.readUInt16LE(32)
    }
  } finally {
    await file.close()
  }
}

const madeOnUnix = (entry: Buffer): boolean => entry[5] === 3

/** The directory's place stands in a record at the very end, before a comment of any length. */
async function findDirectory(file: FileHandle): Promise<{ at: number; count: number }> {
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
    if (end.count === 0xffff || end.at === 0xffffffff || end.size === 0xffffffff)
      return (await findDirectory64(file, place)) ?? end
    // What is written before the archive, such as a program that unpacks it, shifts all its offsets.
    return { at: place - end.size, count: end.count }
  }
  throw new Error('it ends too early')
}

async function findDirectory64(
  file: FileHandle,
  end: number,
): Promise<{ at: number; count: number } | undefined> {
  if (end < locatorSize) return undefined
  const locator = await readExactly(file, end - locatorSize, locatorSize)
  if (locator.readUInt32LE(0) !== signatures.locator64) return undefined
  const record = await readExactly(file, Number(locator.readBigUInt64LE(8)), 56)
  if (record.readUInt32LE(0) !== signatures.end64) throw new Error('its directory is damaged')
  return { at: Number(record.readBigUInt64LE(48)), count: Number(record.readBigUInt64LE(32)) }
}

async function readExactly(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = at < 0 ? { bytesRead: -1 } : await file.read(buffer, 0, length, at)
  if (bytesRead !== length) throw new Error('it ends too early')
  return buffer
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
