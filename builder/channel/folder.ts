import type { ChannelConfig } from './config.js'
import { NotSigned } from './errors.js'
import { git } from './git.js'
import { isOfChannel } from './layout.js'
import { prefixOf } from './repository.js'

/** What the recipes of a channel are as of now. */
export interface Pin {
  readonly name: string
  readonly url: string
  readonly commit: string | undefined
  /** Files differ from those of the commit. */
  readonly isDirty: boolean
}

/**
 * What a folder is as of now. The commit is that of a repository that has the folder: one around it, as when this
 * program is installed in somebody's project, says nothing of it.
 */
export async function describeFolder({ name, url }: ChannelConfig, folder: string): Promise<Pin> {
  const head = await git(folder, ['rev-parse', 'HEAD^{commit}', 'HEAD:./']).catch(() => undefined)
  if (head?.status !== 0) return { name, url, commit: undefined, isDirty: false }
  const { stdout } = await git(folder, ['status', '--porcelain', '-z', '--no-renames', '--', '.'])
  const prefix = await prefixOf({ url, folder, isOwn: false })
  const changed = stdout
    .toString()
    .split('\0')
    .filter(line => line !== '' && isOfChannel(line.slice(3 + prefix.length)))
  return { name, url, commit: head.stdout.toString().split('\n')[0], isDirty: changed.length > 0 }
}

/** The commit that a folder is at, if it is what that says: nobody can have signed anything else. */
export async function requireCommit(channel: ChannelConfig, folder: string): Promise<string> {
  const { commit, isDirty } = await describeFolder(channel, folder)
  if (commit === undefined) throw new NotSigned(channel.name, undefined, 'it is a plain folder')
  if (isDirty) throw new NotSigned(channel.name, undefined, 'it has changes that are in no commit')
  return commit
}
