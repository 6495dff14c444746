import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { equalDigests, formatDigest, hashTree, readNar, writeNar, writing } from '../../store/index.js'
import { attempts } from './attempts.js'
import { readChunks } from './chunks.js'
import { reportPauses, showUrl } from './events.js'
import {
  asFailedUrl,
  type FetchContext,
  type Fetched,
  FetchFailed,
  type FetchRequest,
  SourceMismatch,
} from './fetch.js'
import { checkOutCommit, type GitWork } from './git-tree.js'
import { UrlProblem } from './problem.js'

/** The files of a commit; the digest is that of their NAR. */
export interface GitRequest extends FetchRequest {
  readonly commit: string
  /** Whether those repositories are fetched, too, that the commit names as its submodules. */
  readonly submodules: boolean
}

/**
 * Puts the files of a commit into the new directory `target`, from the cache or from the first URL that has the commit;
 * `scratch` is an existing directory for what is needed meanwhile. Wrong content is kept nowhere.
 */
export async function fetchGit(
  request: GitRequest,
  target: string,
  scratch: string,
  context: FetchContext,
): Promise<void> {
  const { name, digest } = request
  const nar = join(scratch, 'nar')
  const notices = {
    signal: context.signal,
    warn: (message: string) => context.report({ kind: 'warning', name, message }),
  }
  // A NAR is a file with the declared hash, so the cache of downloads keeps trees as well.
  const take = async (): Promise<boolean> => {
    const found = await context.cache.take({ digest, names: [`${name}.nar`] }, nar, notices)
    if (!found) return false
    await writing(target, () => readNar(readChunks(nar), target))
    context.report({ kind: 'done', name, ...found })
    return true
  }
  context.signal?.throwIfAborted()
  if (await take()) return
  await using claim = await context.claim?.(digest)
  if (claim && (await take())) return
  const { from, bytes } = await checkOutAny(request, target, scratch, context)
  const actual = (await hashTree(target, digest.algorithm)).narHash
  if (!equalDigests(actual, digest)) {
    await rm(target, { recursive: true })
    throw new SourceMismatch(name, digest, actual)
  }
  await writing(nar, () =>
    pipeline(Readable.from(writeNar(target), { objectMode: false }), createWriteStream(nar)),
  )
  await context.cache.keep(digest, nar, notices)
  context.report({ kind: 'done', name, from, bytes })
}

/** Gives the URL that had the commit, and how many bytes came. */
async function checkOutAny(
  { name, urls, commit, submodules }: GitRequest,
  target: string,
  scratch: string,
  context: FetchContext,
): Promise<Fetched> {
  const problems = new Map<string, UrlProblem>()
  let bytes = 0
  for await (const url of attempts([() => urls], problems, {
    ...context,
    onPause: reportPauses(name, context.report),
  })) {
    const shown = showUrl(url)
    const onReceived = (more: number): void => {
      bytes += more
      context.report({ kind: 'progress', name, url: shown, bytes, total: undefined })
    }
    context.report({ kind: 'start', name, url: shown })
    try {
      await checkOutCommit({ url, commit, submodules }, target, {
        scratch,
        signal: context.signal,
        sandbox: context.sandbox,
        onReceived,
      })
      return { from: shown, bytes }
    } catch (error) {
      await rm(target, { recursive: true, force: true })
      context.signal?.throwIfAborted()
      if (!(error instanceof UrlProblem)) throw error
      problems.set(url, error)
      context.report({ kind: 'failed', name, url: shown, reason: error.message })
    }
  }
  throw new FetchFailed(name, [...problems].map(asFailedUrl))
}

/** The hash of the files of a commit, as a recipe declares it. */
export async function hashGit(
  request: Pick<GitRequest, 'commit' | 'submodules'> & { readonly url: string },
  work: GitWork,
): Promise<string> {
  const target = join(work.scratch, 'tree')
  try {
    await checkOutCommit(request, target, work)
  } catch (error) {
    if (!(error instanceof UrlProblem)) throw error
    throw new FetchFailed(request.url, [asFailedUrl([request.url, error])])
  }
  return formatDigest((await hashTree(target, 'sha256')).narHash)
}
