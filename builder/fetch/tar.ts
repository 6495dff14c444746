import { pipeline } from 'node:stream/promises'
import { extract, type Header } from 'tar-stream'

/** A member of a tar archive. Its body is skipped when it is not read before the next member is asked for. */
export interface TarMember {
  readonly header: Header
  readonly body: AsyncIterable<Buffer>
}

/** Reads the members of a tar archive in order, in constant memory. */
export async function* readTar(content: AsyncIterable<Buffer>): AsyncGenerator<TarMember> {
  const unpacker = extract({ allowUnknownFormat: true } as object)
  const fed = pipeline(content, unpacker)
  fed.catch(() => {})
  try {
    for await (const entry of unpacker) {
      yield { header: entry.header, body: entry as unknown as AsyncIterable<Buffer> }
      entry.resume()
    }
    await fed
  } finally {
    unpacker.destroy()
    await fed.catch(() => {})
  }
}

/** Whole seconds; a pax header has a fraction, which is cut off. */
export function memberTime({ mtime, pax }: Header): number | undefined {
  const exact = (pax as Readonly<Record<string, string>> | null | undefined)?.mtime
  const seconds = exact === undefined ? (mtime?.getTime() ?? Number.NaN) / 1000 : Number(exact)
  return Number.isFinite(seconds) ? Math.floor(seconds) : undefined
}

/** Whether `block` starts a tar archive: its checksum, which every variant of the format has, is right. */
export function isTarHeader(block: Buffer): boolean {
  if (block.length < 512 || block[0] === 0) return false
  const declared = Number.parseInt(
    block
      .toString('latin1', 148, 156)
      .replace(/[\0 ]+$/, '')
      .trim(),
    8,
  )
  const blank = 8 * 0x20
  const sum = block
    .subarray(0, 512)
    .reduce((total, byte, i) => (i >= 148 && i < 156 ? total : total + byte), blank)
  return sum === declared
}
