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

interface Entry {
  readonly mode: string
  readonly path: string
  readonly id: string
}

/**
 * The files of a commit below the paths that `wants` accepts. Every object on the way is hashed: the files are those
 * that the commit's id stands for, whatever the clone holds.
 */
export async function readCommit(
  repository: string,
  commit: string,
  wants: (path: string, isFolder: boolean) => boolean,
): Promise<readonly CommittedFile[]> {
  const [header] = await readObjects(repository, [commit])
  const tree = /^tree ([0-9a-f]+)\n/.exec(header!.content.toString('latin1'))?.[1]
  if (header!.type !== 'commit' || !tree) throw new DamagedClone(repository, `${commit} is no commit`)
  const files: Entry[] = []
  let folders: readonly Entry[] = [{ mode: '40000', path: '', id: tree }]
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
  const blobs = files.filter(({ mode }) => kinds[mode] !== undefined)
  const contents = await readObjects(
    repository,
    blobs.map(({ id }) => id),
  )
  return blobs.map(({ path, mode }, i) => ({ path, kind: kinds[mode]!, content: contents[i]!.content }))
}

/** Submodules (160000) are left out: they are other repositories. */
const kinds: Readonly<Record<string, CommittedFile['kind']>> = {
  '100644': 'file',
  '100664': 'file',
  '100755': 'executable',
  '120000': 'symlink',
}

function parseTree(content: Buffer, folder: Entry, idLength: number): Entry[] {
  const entries: Entry[] = []
  for (let at = 0; at < content.length; ) {
    const zero = content.indexOf(0, at)
    const [mode = '', ...name] = content.toString('utf8', at, zero).split(' ')
    const path = folder.path === '' ? name.join(' ') : `${folder.path}/${name.join(' ')}`
    if (['', '.', '..', '.git'].includes(name.join(' ')) || name.join(' ').includes('/'))
      throw new DamagedClone(folder.path, `a folder has an entry called "${name.join(' ')}"`)
    entries.push({ mode, path, id: content.toString('hex', zero + 1, zero + 1 + idLength) })
    at = zero + 1 + idLength
  }
  return entries
}

async function readObjects(repository: string, ids: readonly string[]): Promise<readonly GitObject[]> {
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
    const hash = createHash(id.length === 64 ? 'sha256' : 'sha1')
    if (hash.update(`${type} ${size}\0`).update(content).digest('hex') !== id)
      throw new DamagedClone(repository, `the object ${id} has other content than its id says`)
    objects.push({ type, content })
    at = end + 2 + Number(size)
  }
  if (status !== 0) throw new DamagedClone(repository, lastLine(stderr))
  return objects
}
