import { lstat, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writing } from '../../store/index.js'
import { readAr } from './ar.js'
import { formatOf } from './archive.js'
import { BadArchive, readingArchive } from './bad-archive.js'
import { readChunks } from './chunks.js'
import { type Compression, decompress } from './decompress.js'
import { tarMembers, zipMembers } from './member.js'
import { placeMembers } from './place.js'

/**
 * Unpacks the content of the Debian package `path` into the new directory `target`, as `placeMembers` does.
 * On every failure `target` does not exist.
 */
export const unpackDeb = (path: string, target: string): Promise<void> =>
  unpackInto(path, target, async () => placeMembers(path, tarMembers(await openData(path)), target))

/**
 * Unpacks a tar archive, plain or compressed, or a zip archive into the new directory `target`. Most archives hold one
 * folder, which then is what `target` becomes. On every failure `target` does not exist.
 */
export const unpackArchive = (path: string, target: string): Promise<void> =>
  unpackInto(path, target, async () => {
    const format = await formatOf(path)
    if (format.kind === 'tar') await placeMembers(path, tarMembers(format.content), target)
    else if (format.kind === 'zip') await placeMembers(path, zipMembers(path), target)
    else throw new BadArchive(path, 'it is neither a tar nor a zip archive')
    await enterOnlyFolder(target)
  })

async function unpackInto(path: string, target: string, unpack: () => Promise<void>): Promise<void> {
  await writing(target, () => mkdir(target))
  try {
    await writing(target, () => readingArchive(path, unpack))
  } catch (error) {
    await rm(target, { recursive: true, force: true })
    throw error
  }
}

async function enterOnlyFolder(target: string): Promise<void> {
  const [only, ...others] = await readdir(target)
  if (only === undefined || others.length > 0) return
  const folder = join(target, only)
  if (!(await lstat(folder)).isDirectory()) return
  await rename(folder, `${target}.inner`)
  await rm(target, { recursive: true })
  await rename(`${target}.inner`, target)
}

const compressions: Readonly<Record<string, Compression>> = {
  'data.tar.gz': 'gzip',
  'data.tar.xz': 'xz',
  'data.tar.bz2': 'bzip2',
  'data.tar.zst': 'zstd',
}

async function openData(path: string): Promise<AsyncIterable<Buffer>> {
  for await (const { name, ...range } of readAr(path)) {
    if (!name.startsWith('data.tar')) continue
    if (name === 'data.tar') return readChunks(path, range)
    const compression = compressions[name]
    if (!compression) throw new BadArchive(path, `its content is "${name}"; gz, xz, bz2 and zst can be read`)
    return decompress(path, compression, range)
  }
  throw new BadArchive(path, 'it has no data.tar, so it is not a Debian package')
}
