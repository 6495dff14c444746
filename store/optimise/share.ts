import {
  chmodSync,
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  type Stats,
  unlinkSync,
  utimesSync,
} from 'node:fs'
import { join } from 'node:path'
import { digestOf, makeHasher } from '../digest.js'
import { systemCode } from '../error.js'
import { listFiles } from '../object/files.js'

/** Where each distinct content has a name of its own, beside the objects that share it. */
export const linksFolder = (objects: string): string => join(objects, '.links')

/** The folders of one optimisation. */
export interface Folders {
  readonly links: string
  /** A private directory on the same file system. */
  readonly scratch: string
}

/** What was done to a tree. */
export interface SharedTree {
  /** Bytes of its files that now share those of others. */
  readonly saved: number
  /** Whether directories of it were writable for a moment. */
  readonly wasOpen: boolean
}

const SLASH = 0x2f

/**
 * Lets the files of the tree at `root` share their bytes with equal files of other objects; never with each other:
 * the n-th file of one content shares with the n-th elsewhere. Whoever reads meanwhile finds every file at its place.
 */
export function shareTree(folders: Folders, root: string): SharedTree {
  mkdirSync(folders.links, { recursive: true, mode: 0o700 })
  const seen = new Map<string, number>()
  const opened = new Set<string>()
  let saved = 0
  try {
    for (const { path, kind } of listFiles(root)) {
      const stats = lstatSync(path)
      if (kind !== 'file' || stats.size === 0) continue
      const { hex, bytes } = hashFile(path, stats.size)
      const content = `${hex}${stats.mode & 0o100 ? 'x' : ''}`
      const nth = seen.get(content) ?? 0
      seen.set(content, nth + 1)
      const link = join(folders.links, nth === 0 ? content : `${content}-${nth}`)
      if (shareFile(folders, { path, stats, bytes, link }, () => openParent(root, path, opened)))
        saved += stats.size
    }
  } finally {
    for (const directory of opened) {
      const place = Buffer.from(directory, 'latin1')
      chmodSync(place, 0o555)
      utimesSync(place, 1, 1)
    }
  }
  return { saved, wasOpen: opened.size > 0 }
}

interface Shared {
  readonly path: Buffer
  readonly stats: Stats
  /** All that is in the file, unless that was too much. */
  readonly bytes: Buffer | undefined
  readonly link: string
}

/** A link that is full, or has been damaged, gives way to this file. */
function shareFile(folders: Folders, shared: Shared, openDirectory: () => void): boolean {
  const { path, stats, link } = shared
  const known = lstatSync(link, { throwIfNoEntry: false })
  if (known && known.dev === stats.dev && known.ino === stats.ino) return false
  const fresh = join(folders.scratch, 'link')
  if (!known || !isSame(known, shared) || !tryLink(link, fresh)) {
    if (tryLink(path, fresh)) renameSync(fresh, link)
    return false
  }
  try {
    openDirectory()
    renameSync(fresh, path)
  } catch (error) {
    unlinkSync(fresh)
    throw error
  }
  return stats.nlink === 1
}

/** False when the file has as many names as a file can have, or is gone. */
function tryLink(from: string | Buffer, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (['EMLINK', 'ENOENT'].includes(systemCode(error) ?? '')) return false
    throw error
  }
}

/** An object's directories are read-only; one that is to change is opened once. */
function openParent(root: string, path: Buffer, opened: Set<string>): void {
  if (path.length === Buffer.byteLength(root)) return
  const directory = path.subarray(0, path.lastIndexOf(SLASH)).toString('latin1')
  if (opened.has(directory)) return
  opened.add(directory)
  chmodSync(Buffer.from(directory, 'latin1'), 0o755)
}

const PIECE = 256 * 1024
const [piece, other] = [Buffer.allocUnsafeSlow(PIECE), Buffer.allocUnsafeSlow(PIECE)]

/** The hash of a file of so many bytes; with them, until the next file is read, when they are few. */
function hashFile(path: Buffer, size: number): { readonly hex: string; readonly bytes: Buffer | undefined } {
  const file = openSync(path, 'r')
  try {
    if (size <= PIECE && readSync(file, piece, 0, size, null) === size) {
      const bytes = piece.subarray(0, size)
      return { hex: digestOf('blake3', bytes).hex, bytes }
    }
    const hasher = makeHasher('blake3')
    for (let at = 0, read = 1; read > 0; at += read) {
      read = readSync(file, piece, 0, PIECE, at)
      hasher.update(piece.subarray(0, read))
    }
    return { hex: hasher.digest().hex, bytes: undefined }
  } finally {
    closeSync(file)
  }
}

/** Whether the file, which has as many of them, has these bytes. */
function hasBytes(link: string, bytes: Buffer): boolean {
  try {
    const file = openSync(link, 'r')
    try {
      const read = readSync(file, other, 0, bytes.length, null)
      return other.subarray(0, read).equals(bytes)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false
    throw error
  }
}

/** Bytes are compared, not believed: what is damaged on the disk must not spread. */
function isSame(known: Stats, { path, stats, bytes, link }: Shared): boolean {
  if (known.size !== stats.size || (known.mode & 0o7777) !== (stats.mode & 0o7777) || known.uid !== stats.uid)
    return false
  if (known.mtimeMs !== stats.mtimeMs) return false
  if (bytes) return hasBytes(link, bytes)
  const files = [openSync(path, 'r')]
  try {
    files.push(openSync(link, 'r'))
    for (;;) {
      const read = readSync(files[0]!, piece)
      if (readSync(files[1]!, other) !== read) return false
      if (read === 0) return true
      if (!piece.subarray(0, read).equals(other.subarray(0, read))) return false
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false
    throw error
  } finally {
    for (const file of files) closeSync(file)
  }
}
