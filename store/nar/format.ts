import type { Stats } from 'node:fs'
import { StoreError } from '../error.js'

/** The first string of every archive. */
export const MAGIC = 'nix-archive-1'

/** A string is its length in eight bytes, little-endian, its bytes, and zeros up to a multiple of eight. */
export const padding = (length: number): number => (8 - (length % 8)) % 8

/** `parts` as they lie in an archive, one after the other. */
export function encodeStrings(...parts: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(
    parts.map(part => {
      const bytes = Buffer.from(part as Uint8Array)
      const text = Buffer.alloc(8 + bytes.length + padding(bytes.length))
      text.writeBigUInt64LE(BigInt(bytes.length))
      bytes.copy(text, 8)
      return text
    }),
  )
}

export class BadNar extends StoreError {
  readonly code = 'BAD_NAR'

  constructor(reason: string) {
    super(`Cannot read the archive: ${reason}`, {
      hint: 'It was damaged on its way, or is not a NAR; fetch or write it again',
    })
  }
}

/** Files that are neither regular, nor directories, nor symlinks. */
export class UnsupportedFile extends StoreError {
  readonly code = 'UNSUPPORTED_FILE'

  constructor(file: string, kind: string) {
    super(`Cannot store "${file}": it is ${kind}`, {
      hint: 'A store object consists of regular files, directories and symlinks; remove it, or let the build not make it',
    })
  }
}

export class FileChanged extends StoreError {
  readonly code = 'FILE_CHANGED'

  constructor(file: string) {
    super(`"${file}" changed while it was read`, { hint: 'Run the command again when nothing writes there' })
  }
}

/** What a file that cannot be stored is, in words. */
export function kindOf(file: Pick<Stats, 'isFIFO' | 'isSocket'>): string {
  if (file.isFIFO()) return 'a FIFO'
  return file.isSocket() ? 'a socket' : 'a device'
}
