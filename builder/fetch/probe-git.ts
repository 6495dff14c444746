import { StoreError } from '../../store/index.js'
import { complaint, git } from '../channel/git.js'
import { showUrl } from './events.js'
import { GIT_RESTRICTIONS } from './git-tree.js'
import type { Unavailable } from './hash-url.js'

/** What a server, or git itself for a folder, says of what is not there or is not given to everybody. */
const REFUSAL =
  /repository (?:'.*' )?not found|does not appear to be a git repository|is this a git repository\?|returned error: 4(?!08|29)\d\d|could not read Username|Authentication failed|remote error:|could not be found/i

export interface GitProbe {
  /** Milliseconds in which it has to answer. */
  readonly timeout: number
  readonly signal?: AbortSignal | undefined
  /** As of `GitOptions`. */
  readonly sandbox?: string | undefined
}

/** What stands in the way of a git repository, or `undefined` when it answers in time. Nothing is fetched. */
export async function probeGit(
  url: string,
  { timeout, signal, sandbox }: GitProbe,
): Promise<Unavailable | undefined> {
  const shown = showUrl(url)
  const limit = AbortSignal.timeout(timeout)
  try {
    const { status, stderr } = await git('/', ['ls-remote', '--quiet', '--', url, 'HEAD'], {
      settings: GIT_RESTRICTIONS,
      sandbox,
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    })
    if (status === 0) return undefined
    return { reason: `${shown}: ${complaint(stderr)}`, isGone: REFUSAL.test(stderr) }
  } catch (error) {
    signal?.throwIfAborted()
    if (limit.aborted)
      return { reason: `${shown}: nobody answers within ${timeout / 1000} seconds`, isGone: false }
    // Git is missing, or does not trust the repository.
    if (error instanceof StoreError) return { reason: `${shown}: ${error.message}`, isGone: false }
    throw error
  }
}
