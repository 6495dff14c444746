import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import type { ChannelLayout } from './layout.js'
import type { CommittedFile } from './objects.js'

/** A file of a channel's folder, or a folder of it in which there is nothing. */
export interface FoundFile {
  readonly path: string
  readonly kind: CommittedFile['kind'] | 'folder'
}

/**
 * What recipes can see of what lies at `path` in a channel's folder: of a file that, of a folder what is in it. Folders are
 * known by what they have, so that only the empty ones are named.
 */
export function* walk(
  folder: string,
  path: string,
  contains: ChannelLayout['contains'],
): Generator<FoundFile> {
  const place = join(folder, path)
  const stats = lstatSync(place, { throwIfNoEntry: false })
  if (stats === undefined) return
  if (!stats.isDirectory()) {
    const kind = kindOf(stats)
    if (kind !== undefined && contains(path)) yield { path, kind }
    return
  }
  if (path !== '' && !contains(`${path}/`)) return
  let isEmpty = true
  for (const name of readdirSync(place))
    for (const found of walk(folder, path === '' ? name : `${path}/${name}`, contains)) {
      isEmpty = false
      yield found
    }
  // A folder in which nothing would be seen is only the way to others.
  if (isEmpty && path !== '' && contains(`${path}/any`)) yield { path, kind: 'folder' }
}

const kindOf = (stats: Stats): FoundFile['kind'] | undefined =>
  stats.isSymbolicLink()
    ? 'symlink'
    : !stats.isFile()
      ? undefined
      : stats.mode & 0o100
        ? 'executable'
        : 'file'

/** The bytes of a file as they lie there; of a symlink where it leads. */
export function readFound(folder: string, { path, kind }: FoundFile): Buffer {
  const place = join(folder, path)
  if (kind === 'folder') return Buffer.alloc(0)
  return kind === 'symlink' ? readlinkSync(place, { encoding: 'buffer' }) : readFileSync(place)
}
