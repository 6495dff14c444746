import { Decompress } from 'fzstd'
import { type Range, readChunks } from './chunks.js'

/**
 * Bytes given to the decoder at once. It unfolds all of them before it returns, and three bytes can stand for a block:
 * so no more than 32 MiB are ever waiting.
 */
const PIECE = 1024

/** The format's own limit. */
const LARGEST_BLOCK = 128 * 1024

/** Bytes that a frame may refer back to; `zstd` itself allows no more unless told to. */
const LARGEST_WINDOW = 128 * 1024 * 1024

/** The content of a zstd file, or of a part of one; its checksums are not compared. */
export async function* decodeZstd(path: string, range: Range): AsyncGenerator<Buffer> {
  let ready: Buffer[] = []
  const decoder = new Decompress(block => {
    if (block.length > LARGEST_BLOCK) throw new Error('a block is too large')
    ready.push(Buffer.from(block.buffer, block.byteOffset, block.length))
  })
  const feed = (bytes: Uint8Array, isLast: boolean): void => {
    try {
      decoder.push(bytes, isLast)
    } catch (error) {
      throw new Error('its zstd data is damaged or cut short', { cause: error })
    }
  }
  let isFirst = true
  for await (const chunk of readChunks(path, range)) {
    if (isFirst) checkWindow(chunk)
    isFirst = false
    for (let at = 0; at < chunk.length; at += PIECE) {
      feed(chunk.subarray(at, at + PIECE), false)
      yield* ready
      ready = []
    }
  }
  feed(Buffer.alloc(0), true)
  yield* ready
}

/** The decoder takes memory for the window before it decodes anything. */
function checkWindow(head: Buffer): void {
  if (head.length < 18 || head.readUInt32LE() !== 0xfd2fb528) return
  const isSingle = (head[4]! & 0x20) !== 0
  const window = isSingle ? contentSize(head) : windowSize(head[5]!)
  if (window > LARGEST_WINDOW) throw new Error('its zstd data needs more memory than is allowed')
}

const windowSize = (descriptor: number): number => 2 ** (10 + (descriptor >> 3)) * (1 + (descriptor & 7) / 8)

/** Of a frame whose content is its window; it stands behind the id of a dictionary. */
function contentSize(head: Buffer): number {
  const at = 5 + [0, 1, 2, 4][head[4]! & 3]!
  const sizes = [
    () => head[at]!,
    () => head.readUInt16LE(at) + 256,
    () => head.readUInt32LE(at),
    () => Number(head.readBigUInt64LE(at)),
  ]
  return sizes[head[4]! >> 6]!()
}
