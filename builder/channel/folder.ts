import { realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { StoreError } from '../../store/index.js'
import { isChanged } from './changes.js'
import type { ChannelConfig } from './config.js'
import { contentOf } from './content.js'
import { requireWhole } from './damage.js'
import { BadChannel, NotSigned } from './errors.js'
import { git } from './git.js'
import { type ChannelHost, locate } from './host.js'
import { readLayout } from './layout.js'
import { prefixOf } from './repository.js'

/** What names the recipes of a channel: a commit or, where there is none, the hash of their content. */
export type Point = AtCommit | { readonly kind: 'content'; readonly content: string }

interface AtCommit {
  readonly kind: 'commit'
  readonly commit: string
  /** Files differ from those of the commit. */
  readonly isDirty: boolean
}

/** A channel at one point. */
export interface Pin {
  readonly name: string
  readonly url: string
  readonly point: Point
}

/** What a channel is as of now, and why that is no commit where it is none. */
export interface FolderPin extends Pin {
  readonly problem: string | undefined
  /** The user takes it, though the channel names keys of which none may have signed it. */
  readonly isUnsigned: boolean
}

/**
 * What a folder is as of now. The commit is that of a repository that has the folder: one around it, as when this
 * program is installed in somebody's project, says nothing of it.
 */
export async function describeFolder(
  host: ChannelHost,
  { name, url }: ChannelConfig,
  folder: string,
): Promise<FolderPin> {
  const found = await findCommit(host, name, folder).catch(error => {
    if (error instanceof StoreError) return { problem: error.message }
    throw error
  })
  const pin = { name, url, isUnsigned: false }
  if (!('problem' in found)) return { ...pin, point: found, problem: undefined }
  return { ...pin, point: { kind: 'content', content: await contentOf(name, folder) }, ...found }
}

/** Refuses a folder in which git keeps a repository, of which no file is a recipe. */
export async function refuseBare(name: string, folder: string): Promise<void> {
  for (const part of ['objects', 'refs', 'HEAD'])
    if (!(await stat(join(folder, part)).catch(() => undefined))) return
  const { href } = pathToFileURL(folder)
  throw new BadChannel(name, 'it is a bare repository, where no recipes lie', `Name it by its URL: ${href}`)
}

/** Whether the folder of a channel is at this commit, and has changes that are not in it. */
export async function hasChanges(
  host: ChannelHost,
  { name, url }: ChannelConfig,
  commit: string,
): Promise<boolean> {
  const folder = locate(host, url)
  if (!isAbsolute(folder)) return false
  const found = await findCommit(host, name, folder).catch(error => {
    // What it is today, which may be no channel at all, says nothing against the commit.
    if (error instanceof StoreError) return undefined
    throw error
  })
  return found !== undefined && 'commit' in found && found.commit === commit && found.isDirty
}

/** The commit that a folder is at, or why there is none. */
async function findCommit(
  { state }: ChannelHost,
  name: string,
  folder: string,
): Promise<AtCommit | { readonly problem: string }> {
  const words = ['HEAD^{commit}', 'HEAD:./', '--git-path', 'index', '--show-prefix']
  const head = await git(folder, ['rev-parse', ...words])
  if (head.status !== 0) {
    await requireWhole(folder)
    return { problem: 'it is a plain folder, which no commit has' }
  }
  const [commit = '', , place = '', ...rest] = head.stdout.toString().replace(/\n$/, '').split('\n')
  // A path with a line end in it takes several lines.
  const prefix = rest.length === 1 ? rest[0]! : await prefixOf({ url: folder, folder, isOwn: false })
  const { contains } = await readLayout(name, folder)
  const root = await realpath(folder)
  const index = resolve(root, place)
  const isDirty = await isChanged(state, { folder: root, prefix, commit, index, contains })
  return { kind: 'commit', commit, isDirty }
}

/** The commit that a folder is at, if it is what that says: nobody can have signed anything else. */
export async function requireCommit(
  host: ChannelHost,
  channel: ChannelConfig,
  folder: string,
): Promise<string> {
  const { point, problem } = await describeFolder(host, channel, folder)
  if (point.kind === 'content') throw new NotSigned(channel.name, undefined, problem!)
  if (point.isDirty) throw new NotSigned(channel.name, undefined, 'it has changes that are in no commit')
  return point.commit
}
