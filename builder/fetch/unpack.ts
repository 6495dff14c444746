import { chmod, link, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Header } from 'tar-stream'
import { systemCode, writing } from '../../store/index.js'
import { readAr } from './ar.js'
import { leaves } from './archive.js'
import { BadArchive, readingArchive } from './bad-archive.js'
import { readChunks } from './chunks.js'
import { makeConfinement } from './confine.js'
import { type Compression, decompress } from './decompress.js'
import { readTar } from './tar.js'

/**
 * Unpacks the content of the Debian package `path` into the new directory `target`: files, directories,
 * symlinks and hard links, with their permissions but no setuid or setgid. Anything else, and a member that
 * would leave `target`, is refused. On every failure `target` does not exist.
 */
export async function unpackDeb(path: string, target: string): Promise<void> {
  await writing(target, () => mkdir(target))
  try {
    await writing(target, () =>
      readingArchive(path, async () => unpackTar(path, await openData(path), target)),
    )
  } catch (error) {
    await rm(target, { recursive: true, force: true })
    throw error
  }
}

const compressions: Readonly<Record<string, Compression>> = {
  'data.tar.gz': 'gzip',
  'data.tar.xz': 'xz',
  'data.tar.bz2': 'bzip2',
}

async function openData(path: string): Promise<AsyncIterable<Buffer>> {
  for await (const { name, ...range } of readAr(path)) {
    if (!name.startsWith('data.tar')) continue
    if (name === 'data.tar') return readChunks(path, range)
    const compression = compressions[name]
    if (!compression) throw new BadArchive(path, `its content is "${name}"; gz, xz and bz2 can be read`)
    return decompress(path, compression, range)
  }
  throw new BadArchive(path, 'it has no data.tar, so it is not a Debian package')
}

async function unpackTar(path: string, content: AsyncIterable<Buffer>, target: string): Promise<void> {
  const confinement = makeConfinement()
  const directories = new Map<string, number>()
  for await (const { header, body } of readTar(content)) {
    if (leaves(confinement, header))
      throw new BadArchive(path, `its member "${header.name}" would leave the directory it is unpacked in`)
    const place = join(target, header.name)
    if (header.name.includes('\ufffd')) throw new BadArchive(path, `the name "${header.name}" is not UTF-8`)
    const make = makers[header.type ?? '']
    if (!make)
      throw new BadArchive(path, `its member "${header.name}" is a ${header.type ?? 'thing unknown'}`)
    try {
      await mkdir(dirname(place), { recursive: true })
      await make(place, header, body, target)
    } catch (error) {
      if (!contradictions.has(systemCode(error) ?? '')) throw error
      throw new BadArchive(path, `its member "${header.name}" contradicts another one`, error)
    }
    if (header.type === 'directory') directories.set(place, permissions(header))
  }
  // Last and inside out: a directory that may not be written could not be filled, one not searched not reached.
  const inner = [...directories].sort(([a], [b]) => b.length - a.length)
  for (const [place, mode] of inner) await chmod(place, mode)
}

type Make = (place: string, header: Header, body: AsyncIterable<Buffer>, target: string) => Promise<void>

/** How the system says that a member's place is taken, or that one it needs is missing or of another type. */
const contradictions: ReadonlySet<string> = new Set(['EEXIST', 'ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'])

const makers: Readonly<Record<string, Make>> = {
  directory: async place => void (await mkdir(place, { recursive: true })),
  file: makeFile,
  'contiguous-file': makeFile,
  symlink: (place, { linkname }) => symlink(linkname ?? '', place),
  link: (place, { linkname }, _body, target) => link(join(target, linkname ?? ''), place),
}

async function makeFile(place: string, header: Header, body: AsyncIterable<Buffer>): Promise<void> {
  await writeFile(place, body, { flag: 'wx' })
  await chmod(place, permissions(header))
}

const permissions = ({ mode }: Header): number => (mode ?? 0o755) & 0o777
