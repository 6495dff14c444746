import type { Digest } from '../digest.js'
import { makeHasher } from '../digest.js'
import { BadExport, MAX_LINE } from './format.js'

/** Pulls lines, and runs of bytes between them, out of chunks cut anywhere. */
export interface Frames {
  line(): Promise<string>
  /** The next `size` bytes. They must be read to their end before anything else is. */
  bytes(size: number): AsyncGenerator<Uint8Array, void, void>
  /** The hash of all that came before the line read last. */
  digest(): Digest
  /** Nothing may follow. */
  end(): Promise<void>
}

const NEWLINE = 10

export function makeFrames(stream: AsyncIterable<Uint8Array>): Frames {
  const chunks = stream[Symbol.asyncIterator]()
  const hasher = makeHasher('blake3')
  let rest: Buffer = Buffer.alloc(0)
  let lastLine: Buffer = Buffer.alloc(0)

  const more = async (): Promise<boolean> => {
    const next = await chunks.next()
    if (next.done) return false
    const { buffer, byteOffset, length } = next.value
    const chunk = Buffer.from(buffer, byteOffset, length)
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    return true
  }
  return {
    line: async () => {
      hasher.update(lastLine)
      let searched = 0
      let end = rest.indexOf(NEWLINE)
      while (end < 0) {
        searched = rest.length
        if (searched > MAX_LINE || !(await more())) throw new BadExport('the stream ends too early')
        end = rest.indexOf(NEWLINE, searched)
      }
      lastLine = rest.subarray(0, end + 1)
      rest = rest.subarray(end + 1)
      return lastLine.toString('utf8', 0, end)
    },
    bytes: async function* (size) {
      hasher.update(lastLine)
      lastLine = Buffer.alloc(0)
      for (let left = size; left > 0; ) {
        if (rest.length === 0 && !(await more())) throw new BadExport('the stream ends too early')
        const piece = rest.subarray(0, left)
        rest = rest.subarray(piece.length)
        left -= piece.length
        hasher.update(piece)
        yield piece
      }
    },
    digest: () => hasher.digest(),
    end: async () => {
      do if (rest.length > 0) throw new BadExport('something follows the end of the stream')
      while (await more())
    },
  }
}
