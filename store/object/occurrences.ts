import { closeSync, openSync, readlinkSync, readSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { HASH_LENGTH } from '../path.js'
import { listFiles } from './files.js'

/** A place in a tree where a hash part stands. */
export interface Occurrence {
  readonly hashPart: string
  /** The base name it is part of there, as far as it reads like one. */
  readonly base: string
  /** The file's path within the tree, empty when the tree is a single file. */
  readonly file: string
  readonly where: 'contents' | 'target'
  readonly offset: number
}

const CHUNK = 1 << 20
/** As much after a hash part as a name takes. */
const LONGEST = 256
const basePattern = /^[0-9a-z]{32}-[0-9A-Za-z+._?=-]*/

/** The first place of each hash part in each file. Slower than `scanTree`, which only tells whether. */
export async function findOccurrences(tree: string, hashParts: Iterable<string>): Promise<Occurrence[]> {
  const sought = [...hashParts]
  const occurrences: Occurrence[] = []
  for (const { path, name, kind } of listFiles(tree)) {
    const missing = new Set(sought)
    const pieces = kind === 'symlink' ? [{ bytes: readlinkSync(path, 'buffer'), at: 0 }] : readPieces(path)
    for (const { bytes, at } of pieces) {
      for (const hashPart of missing) {
        const offset = bytes.indexOf(hashPart, 0, 'latin1')
        if (offset < 0) continue
        missing.delete(hashPart)
        const base = basePattern.exec(bytes.toString('latin1', offset, offset + LONGEST))?.[0] ?? hashPart
        const where = kind === 'symlink' ? 'target' : 'contents'
        occurrences.push({ hashPart, base, file: name, where, offset: at + offset })
      }
      await setImmediate()
    }
  }
  return occurrences
}

/** The file in pieces that overlap, so that no base name is cut in all of them. */
function* readPieces(path: Buffer): Generator<{ readonly bytes: Buffer; readonly at: number }, void, void> {
  const buffer = Buffer.allocUnsafeSlow(CHUNK)
  const file = openSync(path, 'r')
  try {
    for (let at = 0; ; at += CHUNK - LONGEST) {
      const read = readSync(file, buffer, 0, CHUNK, at)
      if (read >= HASH_LENGTH) yield { bytes: buffer.subarray(0, read), at }
      if (read < CHUNK) return
    }
  } finally {
    closeSync(file)
  }
}
