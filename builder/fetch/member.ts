import type { Placed } from './confine.js'
import { readTar } from './tar.js'
import { readZip } from './zip.js'

/** A member of an archive of any format, as it is to be unpacked. */
export interface ArchiveMember extends Pick<Placed, 'name'> {
  /** One of those that can be unpacked, or the format's own word for another. */
  readonly type: string
  readonly mode: number | undefined
  /** What a symlink or a hard link says. */
  readonly target: string
  readonly body: AsyncIterable<Buffer>
}

/** The members of a tar archive in order. */
export async function* tarMembers(content: AsyncIterable<Buffer>): AsyncGenerator<ArchiveMember> {
  for await (const { header, body } of readTar(content)) {
    const { name, type, mode, linkname } = header
    yield {
      name,
      type: type === 'contiguous-file' ? 'file' : (type ?? 'thing unknown'),
      mode: mode ?? undefined,
      target: linkname ?? '',
      body,
    }
  }
}

/** What Linux takes for a symlink's target. */
const LONGEST_TARGET = 4095

/** The members of a zip archive in the order of its directory; a symlink's content is its target. */
export async function* zipMembers(path: string): AsyncGenerator<ArchiveMember> {
  for await (const { name, type, mode, size, body } of readZip(path)) {
    const isSymlink = type === 'symlink'
    if (isSymlink && size > LONGEST_TARGET) throw new Error(`the symlink "${name}" is too long`)
    const target = isSymlink ? await readText(body) : ''
    yield { name, type: type === 'other' ? 'thing unknown' : type, mode, target, body }
  }
}

async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
