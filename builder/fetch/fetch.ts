import { open, rm } from 'node:fs/promises'
import {
  type Digest,
  equalDigests,
  formatDigest,
  HashMismatch,
  StoreError,
  writing,
} from '../../store/index.js'
import { attempts, defaultPauses } from './attempts.js'
import type { DownloadCache, Wanted } from './cache.js'
import { readChunks } from './chunks.js'
import { limitProgress, type Report, reportPauses, showUrl } from './events.js'
import { UrlProblem } from './problem.js'
import type { FindProxy } from './proxy.js'
import { receive } from './receive.js'
import type { Connection } from './request.js'
import { completeFile, findWhole } from './resume.js'
import type { Timeouts } from './watchdog.js'

/** A file to have: any of `urls` that serves bytes with this digest will do. */
export interface FetchRequest {
  readonly name: string
  readonly urls: readonly string[]
  readonly digest: Digest
}

/** All that a fetch touches beside its target. */
export interface FetchContext {
  /** The places a URL stands for: itself, or the mirrors of a `mirror://` URL in order. */
  readonly resolve: (url: string) => readonly string[]
  /** Where any file of this digest may be had when everything else failed. */
  readonly lastResort?: ((digest: Digest) => readonly string[]) | undefined
  readonly cache: DownloadCache
  readonly report: Report
  readonly findProxy?: FindProxy | undefined
  readonly signal?: AbortSignal | undefined
  /** As of `GitOptions`. */
  readonly sandbox?: string | undefined
  readonly timeouts?: Partial<Timeouts> | undefined
  /** Milliseconds before each further attempt. */
  readonly pauses?: readonly number[] | undefined
  /** Waits while another command fetches the same; `undefined` when nobody can be asked. */
  readonly claim?: ((digest: Digest) => Promise<AsyncDisposable | undefined>) | undefined
}

export interface Fetched {
  readonly bytes: number
  /** The URL or the file it was taken from. */
  readonly from: string
}

/** A URL that did not serve the file, and why. */
export interface FailedUrl {
  readonly url: string
  readonly reason: string
  /** As of `UrlProblem`. */
  readonly isFinal: boolean
}

export class FetchFailed extends StoreError {
  readonly code = 'FETCH_FAILED'
  readonly failures: readonly FailedUrl[]

  constructor(name: string, failures: readonly FailedUrl[]) {
    const lines = failures.map(({ url, reason }) => `\n  ${url}: ${reason}`).join('')
    super(`Cannot fetch "${name}" from any of its URLs:${lines}`, {
      hint: 'Check the network and the URLs, or put the file into a directory named by STORE_SOURCES',
    })
    this.failures = failures
  }
}

/** The store's own error, with the next step in the words of a recipe. */
export class SourceMismatch extends HashMismatch {
  override readonly hint: string

  constructor(name: string, declared: Digest, actual: Digest) {
    super(name, declared, actual)
    this.hint = `If the new content is intended, put hash: '${formatDigest(actual)}' in the recipe`
  }
}

const defaultTimeouts: Timeouts = { connect: 15_000, stall: 30_000 }

/**
 * Puts the bytes of `request` into the new file `target`, from the cache or from the first URL that serves them.
 * A URL whose failure may pass is tried again after all others, after longer and longer pauses. On every failure, an
 * abort included, `target` does not exist; what came is kept in the cache, and the next fetch goes on from there.
 * Wrong content is kept nowhere.
 */
export async function fetchFile(
  request: FetchRequest,
  target: string,
  context: FetchContext,
): Promise<Fetched> {
  const { name, digest } = request
  const report = limitProgress(context.report)
  const notices = {
    signal: context.signal,
    warn: (message: string) => report({ kind: 'warning', name, message }),
  }
  context.signal?.throwIfAborted()

  const wanted = wantedOf(request)
  const take = () => context.cache.take(wanted, target, notices)
  const fill = (file: string) => fetchFromUrls(request, file, { ...context, report })
  const download = async (): Promise<Fetched> => {
    await using claim = await context.claim?.(digest)
    const meanwhile = claim && (await take())
    if (meanwhile) return meanwhile
    const fillCopy = async (path: string): Promise<Fetched | undefined> => {
      // A command that was stopped before it could keep a file leaves all of it.
      const bytes = await findWhole(path, digest, context.signal)
      const fetched = bytes === undefined ? await fill(path) : { bytes, from: path }
      // Whoever meddled with the file, this is what it has now.
      const { actual } = await receive(readChunks(path), target, digest, notices)
      return equalDigests(actual, digest) ? fetched : undefined
    }
    const gathered = claim && (await context.cache.gather(digest, notices, fillCopy))
    if (gathered) return gathered
    const fetched = await fillNew(target, fill)
    await context.cache.keep(digest, target, notices)
    return fetched
  }
  const fetched = (await take()) ?? (await download())
  report({ kind: 'done', name, ...fetched })
  return fetched
}

type Fill = (file: string) => Promise<Fetched>

/** Fills a new file, of which nothing is left when that fails. */
const fillNew = (target: string, fill: Fill): Promise<Fetched> =>
  writing(target, async () => {
    await (await open(target, 'wx')).close()
    return await fill(target).catch(async error => {
      await rm(target, { force: true })
      throw error
    })
  })

/** Completes the existing file `file`, from the first URL that can. */
async function fetchFromUrls(request: FetchRequest, file: string, context: FetchContext): Promise<Fetched> {
  const { name, digest } = request
  const problems = new Map<string, UrlProblem>()
  const { resolve, lastResort } = context
  const lists = [...request.urls.map(url => () => resolve(url)), () => lastResort?.(digest) ?? []]
  let mismatch: SourceMismatch | undefined
  for await (const url of attempts(lists, problems, {
    ...context,
    onPause: reportPauses(name, context.report),
  })) {
    const shown = showUrl(url)
    const fail = (reason: string): void => context.report({ kind: 'failed', name, url: shown, reason })
    context.report({ kind: 'start', name, url: shown })
    const result = await tryUrl(url, request, file, context)
    if (result instanceof UrlProblem) {
      problems.set(url, result)
      fail(result.message)
    } else if (equalDigests(result.actual, digest)) {
      return { bytes: result.bytes, from: shown }
    } else {
      problems.delete(url)
      mismatch ??= new SourceMismatch(name, digest, result.actual)
      fail(`it served other content (${formatDigest(result.actual)})`)
    }
  }
  throw mismatch ?? new FetchFailed(name, [...problems].map(asFailedUrl))
}

export const asFailedUrl = ([url, { message, final }]: readonly [string, UrlProblem]): FailedUrl => ({
  url: showUrl(url),
  reason: message,
  isFinal: final,
})

/** How the context reaches servers. */
export const connectionOf = (
  context: Pick<FetchContext, 'timeouts' | 'findProxy' | 'signal' | 'pauses'>,
): Connection => ({
  pauses: context.pauses ?? defaultPauses,
  timeouts: { ...defaultTimeouts, ...context.timeouts },
  findProxy: context.findProxy ?? (() => undefined),
  signal: context.signal,
})

async function tryUrl(url: string, { name, digest }: FetchRequest, file: string, context: FetchContext) {
  const { report } = context
  try {
    return await completeFile(file, {
      url,
      declared: digest,
      connection: { ...connectionOf(context), onPause: reportPauses(name, report) },
      onProgress: (bytes, total) => report({ kind: 'progress', name, url: showUrl(url), bytes, total }),
    })
  } catch (error) {
    context.signal?.throwIfAborted()
    if (error instanceof UrlProblem) return error
    throw error
  }
}

/** What the cache is asked for. */
export const wantedOf = (request: FetchRequest): Wanted => ({
  digest: request.digest,
  names: fileNames(request),
})

/** The names under which a user may have put the file into a directory of sources. */
function fileNames({ name, urls }: FetchRequest): readonly string[] {
  const last = (url: string): string =>
    url
      .replace(/[?#].*$/, '')
      .split('/')
      .at(-1) ?? ''
  return [...new Set([...urls.map(last), name])].filter(
    text => /^[^/\0]+$/.test(text) && !/^\.{1,2}$/.test(text),
  )
}
