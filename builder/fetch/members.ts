import { readingArchive } from './bad-archive.js'
import { readChunks } from './chunks.js'
import { compressionOf, decompress } from './decompress.js'
import { isTarHeader, readTar, type TarMember } from './tar.js'

/** The members of a tar archive, plain or compressed, in order; `undefined` when the file is none. */
export async function openTar(path: string): Promise<AsyncIterable<TarMember> | undefined> {
  const open = async (): Promise<AsyncIterable<Buffer>> => {
    const compression = compressionOf(await firstBlock(readChunks(path, { start: 0, end: 512 })))
    return compression ? decompress(path, compression) : readChunks(path)
  }
  return readingArchive(path, async () =>
    isTarHeader(await firstBlock(await open())) ? readTar(await open()) : undefined,
  )
}

async function firstBlock(content: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of content) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= 512) break
  }
  return Buffer.concat(chunks)
}
