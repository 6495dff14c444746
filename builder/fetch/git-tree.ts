import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { StoreError, writing } from '../../store/index.js'
import { complaint, git } from '../channel/git.js'
import { type CommittedFile, readBlobs, type TreeEntry, walkCommit } from '../channel/objects.js'
import { watchPacks } from './pack-growth.js'
import { UrlProblem } from './problem.js'
import { readSubmodules, type Submodule } from './submodules.js'

/** A commit, and where it may be had. */
export interface GitCommit {
  readonly url: string
  readonly commit: string
  readonly submodules: boolean
}

/** An existing directory for repositories, which are removed after use, what ends the work, and whom to tell. */
export interface GitWork {
  readonly scratch: string
  readonly signal?: AbortSignal | undefined
  /** As of `GitOptions`. */
  readonly sandbox?: string | undefined
  /** Told how many bytes more have come, of submodules, too. */
  readonly onReceived?: ((more: number) => void) | undefined
}

/** Nothing but a transport is run, and one that carries nothing for half a minute is given up. */
export const GIT_RESTRICTIONS = [
  'protocol.ext.allow=never',
  'core.hooksPath=/dev/null',
  'http.lowSpeedLimit=1',
  'http.lowSpeedTime=30',
  // However little comes, it is a pack, whose size can be seen to grow.
  'fetch.unpackLimit=1',
]

/**
 * Writes the files of a commit to the new directory `target`, byte by byte as they were committed: attributes and
 * filters change nothing, and every object is hashed on the way. A submodule that is not asked for is an empty
 * directory, as git leaves it. Throws `UrlProblem`.
 */
export async function checkOutCommit(wanted: GitCommit, target: string, work: GitWork): Promise<void> {
  const repository = await mkdtemp(join(work.scratch, 'git-'))
  try {
    await fetchCommit(wanted, repository, work)
    const entries = await walkCommit(repository, wanted.commit, () => true)
    await writing(target, () => mkdir(target, { recursive: true }))
    let description: Buffer = Buffer.alloc(0)
    for await (const file of readBlobs(repository, entries)) {
      work.signal?.throwIfAborted()
      if (file.path === '.gitmodules' && file.kind === 'file') description = file.content
      await writing(target, () => write(target, file))
    }
    await checkOutSubmodules(wanted, { entries, description, repository }, target, work)
  } catch (error) {
    if (error instanceof StoreError && error.code === 'DAMAGED_CLONE')
      throw new UrlProblem(error.message.replace(/^The clone in "[^"]*" is damaged: /, ''), { cause: error })
    throw error
  } finally {
    await rm(repository, { recursive: true, force: true })
  }
}

/** How git, curl and ssh say that a connection broke off or stalled, or that a server or a proxy is busy. */
const PASSING =
  /early EOF|unexpected disconnect|RPC failed|Connection (?:reset|closed)|Operation too slow|Operation timed out|returned error: (?:408|429|5\d\d)|(?:HTTP code|tunnel failed, response) (?:408|429|5\d\d)/

/** How they say that nobody answers. */
const UNREACHABLE =
  /Could ?n[o']t resolve (?:host|proxy)|Unable to look up|Failed to connect|Couldn't connect|Connection (?:refused|timed out)|(?:Network is|Host is) unreachable|No route to host/i

/** The commit alone where the server gives single ones, else all that its branches and tags have. */
async function fetchCommit(
  { url, commit }: GitCommit,
  repository: string,
  { signal, sandbox, onReceived = () => undefined }: GitWork,
): Promise<void> {
  const run = (args: readonly string[], stop = signal) =>
    git(repository, args, { settings: GIT_RESTRICTIONS, sandbox, ...(stop && { signal: stop }) })
  const receive = async (...args: readonly string[]): Promise<string | undefined> => {
    const { status, stderr } = await watchPacks(repository, { onReceived, signal }, stop => run(args, stop))
    if (status === 0) return undefined
    const unreachable = UNREACHABLE.test(stderr)
    if (unreachable || PASSING.test(stderr))
      throw new UrlProblem(complaint(stderr), { passing: true, unreachable })
    return complaint(stderr)
  }
  const format = commit.length === 64 ? ['--object-format=sha256'] : []
  const made = await run(['init', '--bare', '--quiet', ...format])
  if (made.status !== 0) throw new UrlProblem(complaint(made.stderr))
  const fetch = ['fetch', '--quiet', '--no-tags', '--no-auto-gc', '--no-write-fetch-head']
  if ((await receive(...fetch, '--depth=1', '--', url, commit)) === undefined) return
  const problem = await receive(...fetch, '--', url, '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*')
  if (problem !== undefined) throw new UrlProblem(problem)
  const found = await run(['cat-file', '-e', `${commit}^{commit}`])
  if (found.status !== 0)
    throw new UrlProblem(`no branch or tag of it has the commit ${commit}`, { final: true })
}

interface Checkout {
  readonly entries: readonly TreeEntry[]
  /** The file `.gitmodules`. */
  readonly description: Buffer
  readonly repository: string
}

const SUBMODULE = '160000'

async function checkOutSubmodules(
  { url, submodules }: GitCommit,
  { entries, description, repository }: Checkout,
  target: string,
  work: GitWork,
): Promise<void> {
  const linked = entries.filter(({ mode }) => mode === SUBMODULE)
  const known: readonly Submodule[] =
    submodules && linked.length > 0 ? await readSubmodules(repository, description, url) : []
  for (const { path, id } of linked) {
    const place = join(target, path)
    await writing(place, () => mkdir(place, { recursive: true }))
    if (!submodules) continue
    const submodule = known.find(candidate => candidate.path === path)
    if (!submodule) throw new UrlProblem(`its .gitmodules does not say where the submodule "${path}" is`)
    await checkOutCommit({ url: submodule.url, commit: id, submodules }, place, work).catch(error => {
      if (!(error instanceof UrlProblem)) throw error
      throw new UrlProblem(`the submodule "${path}" (${submodule.url}): ${error.message}`, {
        cause: error,
        passing: error.passing,
        unreachable: error.unreachable,
        final: error.final,
      })
    })
  }
}

async function write(folder: string, { path, kind, content }: CommittedFile): Promise<void> {
  if (path.includes('\ufffd')) throw new UrlProblem(`the name "${path}" is not UTF-8`)
  const target = join(folder, path)
  await mkdir(dirname(target), { recursive: true })
  if (kind === 'symlink') await symlink(content.toString(), target)
  else await writeFile(target, content, { flag: 'wx', mode: kind === 'executable' ? 0o755 : 0o644 })
}
