import { open } from 'node:fs/promises'

/** A part of a file, in bytes; to its end when `end` is left out. */
export interface Range {
  readonly start: number
  readonly end?: number | undefined
}

const chunkSize = 256 * 1024

/** Reads a file piece by piece, as fast as the pieces are taken. Fewer bytes than the range has are no error. */
export async function* readChunks(
  path: string,
  { start, end }: Range = { start: 0 },
): AsyncGenerator<Buffer> {
  const file = await open(path, 'r')
  try {
    let at = start
    while (end === undefined || at < end) {
      const size = end === undefined ? chunkSize : Math.min(chunkSize, end - at)
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(size), 0, size, at)
      if (bytesRead === 0) return
      at += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}
