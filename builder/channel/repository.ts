import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { type Store, systemCode, writing } from '../../store/index.js'
import { AmbiguousCommit, BadChannel, ChannelUnreachable, UnknownCommit } from './errors.js'
import { complaint, git } from './git.js'

/** A git repository that commits are read from: the user's own clone, or what was fetched of a URL. */
export interface Repository {
  readonly url: string
  /** Where it lies on this machine. */
  readonly folder: string
  readonly isOwn: boolean
}

/** Where the program may fetch to, and whom it tells. */
export interface Fetching {
  readonly store: Pick<Store, 'state'>
  readonly note: (text: string) => void
  readonly signal?: AbortSignal
}

/** The clone of `url`: a folder is read where it lies, anything else has a clone in the state. */
export function repositoryOf({ state }: Pick<Store, 'state'>, url: string): Repository {
  if (isAbsolute(url)) return { url, folder: url, isOwn: false }
  const key = createHash('sha256').update(url).digest('hex').slice(0, 32)
  return { url, folder: join(state, 'channels', `${key}.git`), isOwn: true }
}

/** Where in its repository the channel's folder lies, with a slash at the end; empty for all of it. */
export async function prefixOf({ folder, isOwn }: Repository): Promise<string> {
  if (isOwn) return ''
  return (await git(folder, ['rev-parse', '--show-prefix'])).stdout.toString().replace(/\n$/, '')
}

export const isThere = async ({ folder }: Repository): Promise<boolean> =>
  (await stat(folder).catch(() => undefined)) !== undefined

/** Fetches all branches and tags of a repository of ours. One that is new appears at one instant. */
export async function fetchRepository({ note, signal }: Fetching, repository: Repository): Promise<void> {
  if (!repository.isOwn) return
  note(`fetching ${repository.url}`)
  const { folder, url } = repository
  const isNew = !(await isThere(repository))
  const target = isNew ? `${folder}.${process.pid}` : folder
  await writing(folder, async () => {
    await mkdir(target, { recursive: true })
    if (!isNew) return
    await git(target, ['init', '--bare', '--quiet'])
  })
  const options = { settings, ...(signal && { signal }) }
  const refs = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*', '+HEAD:refs/store/head']
  const result = await git(
    target,
    ['fetch', '--quiet', '--prune', '--no-auto-gc', '--', url, ...refs],
    options,
  )
  if (result.status !== 0) {
    if (isNew) await rm(target, { recursive: true, force: true })
    throw new ChannelUnreachable(url, complaint(result.stderr))
  }
  if (!isNew) return
  await rename(target, folder).catch(async error => {
    // Another command was quicker.
    await rm(target, { recursive: true, force: true })
    if (!(await isThere(repository))) throw error
  })
}

/** Objects are checked as they come; nothing but a transport is run. */
const settings = ['transfer.fsckObjects=true', 'protocol.ext.allow=never', 'core.hooksPath=/dev/null']

/** The commit that `revision` means, fetching only if it is not known yet, or may have moved since it was fetched. */
export async function resolveRevision(
  fetching: Fetching,
  repository: Repository,
  revision: string,
  { isFresh = false } = {},
): Promise<string> {
  if (!repository.isOwn) {
    const inside = await git(repository.folder, ['rev-parse', '--git-dir'])
    if (inside.status !== 0) throw noRepository(repository, inside.stderr)
  }
  const known = (await isThere(repository)) ? await lookUp(repository, revision) : undefined
  // What begins with the name is meant by its id, which never moves.
  if (known !== undefined && (known.startsWith(revision) || isFresh || !repository.isOwn)) return known
  if (repository.isOwn && !isFresh) {
    try {
      await fetchRepository(fetching, repository)
    } catch (error) {
      if (known === undefined || !(error instanceof ChannelUnreachable)) throw error
      fetching.note(`${error.message}; using what was fetched before`)
      return known
    }
    const found = await lookUp(repository, revision)
    if (found !== undefined) return found
  }
  const shallow = await git(repository.folder, ['rev-parse', '--is-shallow-repository'])
  throw new UnknownCommit(repository.url, revision, shallow.stdout.toString().trim() === 'true')
}

const noRepository = ({ url, folder }: Repository, stderr: string): BadChannel =>
  /dubious ownership/.test(stderr)
    ? new BadChannel(
        url,
        'it is a repository of another user, which git does not open',
        `If you trust that user: git config --global --add safe.directory '${folder}'`,
      )
    : new BadChannel(
        url,
        'it is a plain folder, which has no commits',
        'Make it a git repository, or name its URL',
      )

async function lookUp({ folder, isOwn }: Repository, revision: string): Promise<string | undefined> {
  const name = isOwn && revision === 'HEAD' ? 'refs/store/head' : revision
  const args = ['rev-parse', '--verify', '--end-of-options', `${name}^{commit}`]
  const { status, stdout, stderr } = await git(folder, args)
  if (status === 0) return stdout.toString().trim().split('\n').at(-1)!
  if (!/ambiguous/.test(stderr)) return undefined
  const candidates = await git(folder, ['rev-parse', `--disambiguate=${revision}`])
  throw new AmbiguousCommit(revision, candidates.stdout.toString().trim().split('\n'))
}

/** The commit that was pulled last, and how to move it. */
export const pulledFile = (repository: Repository): string => `${repository.folder}.pulled`

/** What was pulled last, and whether the user then took it though no key of the channel had signed it. */
export interface Pulled {
  readonly commit: string
  readonly isUnsigned: boolean
}

export async function readPulled(repository: Repository): Promise<Pulled | undefined> {
  const text = await readFile(pulledFile(repository), 'utf8').catch(error => {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  const [commit = '', unsigned] = text.trim().split(' ')
  return { commit, isUnsigned: unsigned === UNSIGNED }
}

export const writePulled = (repository: Repository, { commit, isUnsigned }: Pulled): Promise<void> =>
  writing(pulledFile(repository), async () => {
    const fresh = `${pulledFile(repository)}.${process.pid}`
    await writeFile(fresh, isUnsigned ? `${commit} ${UNSIGNED}\n` : `${commit}\n`)
    await rename(fresh, pulledFile(repository))
  })

const UNSIGNED = 'unsigned'

/** Whether `older` is `newer` or comes before it in its history. */
export const isAncestor = async ({ folder }: Repository, older: string, newer: string): Promise<boolean> =>
  (await git(folder, ['merge-base', '--is-ancestor', older, newer])).status === 0
