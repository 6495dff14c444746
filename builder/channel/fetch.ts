import { mkdir, rename, rm } from 'node:fs/promises'
import { type Store, writing } from '../../store/index.js'
import { requireWhole } from './damage.js'
import { ChannelUnreachable, ForeignRepository } from './errors.js'
import { complaint, type GitOptions, git } from './git.js'
import { isThere, type Repository } from './repository.js'

/** Where the program may fetch to, and whom it tells. */
export interface Fetching {
  readonly store: Pick<Store, 'state'>
  readonly note: (text: string) => void
  readonly signal?: AbortSignal
  /** As of `GitOptions`. */
  readonly sandbox?: string
}

/** Fetches all branches and tags of a repository of ours. One that is new appears at one instant. */
export async function fetchRepository(fetching: Fetching, repository: Repository): Promise<void> {
  const { note, signal, sandbox } = fetching
  if (!repository.isOwn) return
  const { folder, url } = repository
  note(`fetching ${url}`)
  const options = { settings, sandbox, ...(signal && { signal }) }
  if (await isThere(repository))
    return fetchInto(folder, url, options).catch(async error => {
      await requireWhole(folder)
      throw error
    })
  const fresh = `${folder}.${process.pid}`
  try {
    const format = await findObjectFormat(url, options)
    await writing(folder, async () => {
      await mkdir(fresh, { recursive: true })
      await git(fresh, ['init', '--bare', '--quiet', `--object-format=${format}`])
    })
    await fetchInto(fresh, url, options)
    await rename(fresh, folder).catch(async error => {
      // Another command was quicker.
      if (!(await isThere(repository))) throw error
    })
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
}

/** Objects are checked as they come; nothing but a transport is run. */
const settings = ['transfer.fsckObjects=true', 'protocol.ext.allow=never', 'core.hooksPath=/dev/null']

const refs = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*', '+HEAD:refs/store/head']

const fetchInto = async (folder: string, url: string, options: GitOptions): Promise<void> =>
  void (await talk(folder, url, ['fetch', '--quiet', '--prune', '--no-auto-gc', '--', url, ...refs], options))

/** How the repository hashes its objects, which a clone has to do alike; told by the length of its ids. */
async function findObjectFormat(url: string, options: GitOptions): Promise<'sha1' | 'sha256'> {
  const listed = await talk('/', url, ['ls-remote', '--quiet', '--', url, 'HEAD'], options)
  return /^[0-9a-f]{64}\t/.test(listed) ? 'sha256' : 'sha1'
}

/** What git prints that talks to `url`, in the repository in `folder`, if there is one. */
async function talk(
  folder: string,
  url: string,
  args: readonly string[],
  options: GitOptions,
): Promise<string> {
  const { status, stdout, stderr } = await git(folder, args, options).catch(error => {
    // What the user can trust lies on this machine.
    const isThere = error instanceof ForeignRepository && error.folder !== folder && !url.startsWith('file:')
    if (!isThere) throw error
    throw new ChannelUnreachable(
      url,
      `git does not serve "${error.folder}", which belongs to another user there`,
    )
  })
  if (status !== 0 || /shallow roots/.test(stderr)) throw new ChannelUnreachable(url, explain(stderr))
  return stdout.toString()
}

const explain = (stderr: string): string =>
  /shallow roots/.test(stderr)
    ? 'it is a shallow clone, which lacks its history: git fetch --unshallow completes it'
    : /couldn't find remote ref HEAD/.test(stderr)
      ? 'it has no commits, or its HEAD names a branch that it does not have'
      : complaint(stderr)
