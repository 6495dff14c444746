import { stat } from 'node:fs/promises'
import { systemCode } from '../../store/index.js'
import { SHIPPED } from './config.js'
import { requireWhole } from './damage.js'
import { BadChannel, ChannelUnreachable, UnknownCommit } from './errors.js'
import { type Fetching, fetchRepository } from './fetch.js'
import { git } from './git.js'
import { isThere, type Repository } from './repository.js'
import { findMeaning, type Meaning } from './revision.js'

/** The commit that `revision` means, fetching only if it is not known yet, or may have moved since it was fetched. */
export async function resolveRevision(
  fetching: Fetching,
  repository: Repository,
  revision: string,
  { isFresh = false } = {},
): Promise<string> {
  if (!repository.isOwn) {
    const inside = await git(repository.folder, ['rev-parse', '--git-dir'])
    if (inside.status !== 0) throw await noRepository(repository)
  }
  const known = (await isThere(repository)) ? await findMeaning(repository, revision) : undefined
  if (known && (known.isId || isFresh || !repository.isOwn)) return tell(fetching, known)
  if (repository.isOwn && !isFresh) {
    try {
      await fetchRepository(fetching, repository)
    } catch (error) {
      if (known === undefined || !(error instanceof ChannelUnreachable)) throw error
      fetching.note(`${error.message}; using what was fetched before`)
      return tell(fetching, known)
    }
    const found = await findMeaning(repository, revision)
    if (found) return tell(fetching, found)
  }
  await requireWhole(repository.folder)
  const shallow = await git(repository.folder, ['rev-parse', '--is-shallow-repository'])
  throw new UnknownCommit(repository.url, revision, shallow.stdout.toString().trim() === 'true')
}

function tell({ note }: Fetching, { commit, doubt }: Meaning): string {
  if (doubt !== undefined) note(doubt)
  return commit
}

/** Why a folder has no commits. */
async function noRepository({ url, folder }: Repository): Promise<BadChannel> {
  const found = await stat(folder).catch(error => ({ problem: systemCode(error) }))
  if ('problem' in found)
    return new BadChannel(
      url,
      found.problem === 'ENOENT' ? 'there is no such folder' : `it cannot be entered (${found.problem})`,
      'Check the spelling',
    )
  if (!found.isDirectory()) return new BadChannel(url, 'it is no folder')
  await requireWhole(folder)
  return url === SHIPPED
    ? new BadChannel(
        url,
        'this program was installed without its history',
        'Clone its repository, and name the clone: --channel=FOLDER, or as the url in a file of pins',
      )
    : new BadChannel(
        url,
        'it is a plain folder, which has no commits',
        'Make it a git repository, or name the folder or URL of one',
      )
}
