import { createHash } from 'node:crypto'
import { DamagedClone } from './errors.js'
import { git, lastLine } from './git.js'

/** One file of a commit. */
export interface CommittedFile {
  readonly path: string
  readonly kind: 'file' | 'executable' | 'symlink'
  readonly content: Buffer
}

interface GitObject {
  readonly type: string
  readonly content: Buffer
}

/** An entry of a folder of a commit; the path is that from its root. */
export interface TreeEntry {
  readonly mode: string
  readonly path: string
  readonly id: string
}

/** The files of a commit below the paths that `wants` accepts, as `walkCommit` and `readBlobs` find them. */
export async function readCommit(
  repository: string,
  commit: string,
  wants: (path: string, isFolder: boolean) => boolean,
): Promise<readonly CommittedFile[]> {
  const files: CommittedFile[] = []
  for await (const file of readBlobs(repository, await walkCommit(repository, commit, wants)))
    files.push(file)
  return files
}

/**
 * What a commit has below the paths that `wants` accepts, but for folders. Every object on the way is hashed: the
 * entries are those that the commit's id stands for, whatever the clone holds.
 */
export async function walkCommit(
  repository: string,
  commit: string,
  wants: (path: string, isFolder: boolean) => boolean,
): Promise<readonly TreeEntry[]> {
  const [header] = await readObjects(repository, [commit])
  const tree = /^tree ([0-9a-f]+)\n/.exec(header!.content.toString('latin1'))?.[1]
  if (header!.type !== 'commit' || !tree) throw new DamagedClone(repository, `${commit} is no commit`)
  const files: TreeEntry[] = []
  let folders: readonly TreeEntry[] = [{ mode: '40000', path: '', id: tree }]
  while (folders.length > 0) {
    const read = await readObjects(
      repository,
      folders.map(({ id }) => id),
    )
    const entries = folders.flatMap((folder, i) => parseTree(read[i]!.content, folder, commit.length / 2))
    const wanted = entries.filter(({ path, mode }) => wants(path, mode === '40000'))
    files.push(...wanted.filter(({ mode }) => mode !== '40000'))
    folders = wanted.filter(({ mode }) => mode === '40000')
  }
  return files
}

/** Files that are in memory at once. */
const BATCH = 256

/** The files among `entries`, each hashed, in their order. */
export async function* readBlobs(
  repository: string,
  entries: readonly TreeEntry[],
): AsyncGenerator<CommittedFile> {
  const blobs = entries.filter(({ mode }) => kinds[mode] !== undefined)
  for (let at = 0; at < blobs.length; at += BATCH) {
    const batch = blobs.slice(at, at + BATCH)
    const contents = await readObjects(
      repository,
      batch.map(({ id }) => id),
    )
    for (const [i, { path, mode }] of batch.entries())
      yield { path, kind: kinds[mode]!, content: contents[i]!.content }
  }
}

/** What an entry becomes; `undefined` where it is left out. */
export const kindOf = (mode: string): CommittedFile['kind'] | undefined => kinds[mode]

/** Submodules (160000) are left out: they are other repositories. */
const kinds: Readonly<Record<string, CommittedFile['kind']>> = {
  '100644': 'file',
  '100664': 'file',
  '100755': 'executable',
  '120000': 'symlink',
}

function parseTree(content: Buffer, folder: TreeEntry, idLength: number): TreeEntry[] {
  const entries: TreeEntry[] = []
  for (let at = 0; at < content.length; ) {
    const zero = content.indexOf(0, at)
    const [mode = '', ...name] = content.toString('utf8', at, zero).split(' ')
    const path = folder.path === '' ? name.join(' ') : `${folder.path}/${name.join(' ')}`
    if (['', '.', '..', '.git'].includes(name.join(' ')) || name.join(' ').includes('/'))
      throw new DamagedClone(folder.path, `a folder has an entry called "${name.join(' ')}"`)
    entries.push({ mode, path, id: content.toString('hex', zero + 1, zero + 1 + idLength) })
    at = zero + 1 + idLength
  }
  // A file could be written through a symlink of the same name.
  if (new Set(entries.map(({ path }) => path)).size < entries.length)
    throw new DamagedClone(folder.path, 'a folder has two entries of one name')
  return entries
}

/** The objects of these ids, each hashed, in their order. */
export async function readObjects(repository: string, ids: readonly string[]): Promise<readonly GitObject[]> {
  if (ids.length === 0) return []
  const { status, stdout, stderr } = await git(repository, ['cat-file', '--batch'], {
    input: ids.map(id => `${id}\n`).join(''),
  })
  const objects: GitObject[] = []
  let at = 0
  for (const id of ids) {
    const end = stdout.indexOf('\n', at)
    if (end < 0) throw new DamagedClone(repository, lastLine(stderr))
    const [, type = '', size] = stdout.toString('latin1', at, end).split(' ')
    if (size === undefined) throw new DamagedClone(repository, `it lacks the object ${id}`)
    const content = stdout.subarray(end + 1, end + 1 + Number(size))
    if (!hasId({ type, content }, id))
      throw new DamagedClone(repository, `the object ${id} has other content than its id says`)
    objects.push({ type, content })
    at = end + 2 + Number(size)
  }
  if (status !== 0) throw new DamagedClone(repository, lastLine(stderr))
  return objects
}

/** Whether an id is that of an object, hashed as long ids or short ones are. */
export const hasId = ({ type, content }: GitObject, id: string): boolean =>
  createHash(id.length === 64 ? 'sha256' : 'sha1')
    .update(`${type} ${content.length}\0`)
    .update(content)
    .digest('hex') === id
