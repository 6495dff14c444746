import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { addTree, findInfo, parseStorePath, type Store, type StorePath, writing } from '../../store/index.js'
import { git } from './git.js'
import { isOfChannel, LIBRARY } from './layout.js'
import { type CommittedFile, readCommit } from './objects.js'
import { prefixOf, type Repository } from './repository.js'

/**
 * Makes what a commit says of recipes an object, named by its content, and gives the folder where it lies. Of a
 * repository in which the channel is one folder it takes that.
 */
export async function checkOut(store: Store, repository: Repository, commit: string): Promise<string> {
  const prefix = await prefixOf(repository)
  const record = join(store.state, 'channels', RECORDS, recordName(commit, prefix))
  const known = await readKnown(store, record)
  if (known) return store.locate(known)
  await using stage = await store.stage()
  const folder = join(stage.directory, 'channel')
  await mkdir(folder)
  const carriesLibrary = await has(repository, `${commit}:${prefix}${LIBRARY}`)
  const wants = (path: string): boolean =>
    path.startsWith(prefix)
      ? isOfChannel(path.slice(prefix.length), carriesLibrary)
      : prefix.startsWith(`${path}/`)
  for (const file of await readCommit(repository.folder, commit, wants))
    if (file.path.startsWith(prefix)) await write(folder, { ...file, path: file.path.slice(prefix.length) })
  const { path } = await addTree(store, 'channel', folder, { possible: [] })
  await writing(record, async () => {
    await mkdir(dirname(record), { recursive: true })
    await writeFile(`${record}.${process.pid}`, path)
    await rename(`${record}.${process.pid}`, record)
  })
  return store.locate(path)
}

/** Changes with every change of what of a commit makes a channel. */
const RECORDS = 'checkouts-2'

const has = async ({ folder }: Repository, object: string): Promise<boolean> =>
  (await git(folder, ['cat-file', '-e', object])).status === 0

const recordName = (commit: string, prefix: string): string =>
  prefix === '' ? commit : `${commit}-${createHash('sha256').update(prefix).digest('hex').slice(0, 32)}`

/** The object that the commit was made before, unless it was collected. */
async function readKnown(store: Store, record: string): Promise<StorePath | undefined> {
  const text = await readFile(record, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const path = parseStorePath(text)
  await store.keepAlive([path])
  return (await findInfo(store, path)) ? path : undefined
}

async function write(folder: string, { path, kind, content }: CommittedFile): Promise<void> {
  const target = join(folder, path)
  await mkdir(dirname(target), { recursive: true })
  if (kind === 'symlink') await symlink(content.toString(), target)
  else await writeFile(target, content, { flag: 'wx', mode: kind === 'executable' ? 0o755 : 0o644 })
}
