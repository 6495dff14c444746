import type { ChannelConfig } from './config.js'
import { BadChannel, Downgrade } from './errors.js'
import { fetchRepository } from './fetch.js'
import { type ChannelHost, fetchingOf, repositoryFor } from './host.js'
import { branchOf, readPulled, writePulled } from './pulled.js'
import { isAncestor } from './repository.js'
import { resolveRevision } from './resolve.js'
import { requireSignature } from './signature.js'

export interface PullOptions {
  readonly isUnsigned?: boolean
  readonly mayDowngrade?: boolean
}

/** Fetches a channel and moves it to the newest commit, if that is signed and comes after the one it had. */
export async function pullChannel(
  host: ChannelHost,
  channel: ChannelConfig,
  { isUnsigned = false, mayDowngrade = false }: PullOptions,
): Promise<{ readonly commit: string; readonly before: string | undefined }> {
  const repository = repositoryFor(host, channel.url)
  if (!repository.isOwn)
    throw new BadChannel(
      channel.name,
      'it is a folder of this machine',
      'Folders are used as they are: use git there',
    )
  // An old record is of the branch that had its commit before somebody could have moved that.
  const before = (await readPulled(repository, channel))?.commit
  await fetchRepository(fetchingOf(host), repository)
  const commit = await resolveRevision(fetchingOf(host), repository, branchOf(channel), { isFresh: true })
  if (!isUnsigned) await requireSignature(channel, repository, commit)
  if (before !== undefined && !mayDowngrade && !(await isAncestor(repository, before, commit)))
    throw new Downgrade(channel.name, before, commit)
  await writePulled(repository, channel, { commit, isUnsigned })
  return { commit, before }
}
