import { stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type Digest, equalDigests, formatDigest } from '../../store/digest.js'
import { StoreError } from '../../store/error.js'
import type { DownloadCache } from './cache.js'
import { readChunks } from './chunks.js'
import { limitProgress, type Report, showUrl } from './events.js'
import { type Body, type Connection, openHttp, type Timeouts } from './http.js'
import { asUrlProblem, UrlProblem } from './problem.js'
import type { FindProxy } from './proxy.js'
import { receive } from './receive.js'

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
  readonly timeouts?: Partial<Timeouts> | undefined
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

export class HashMismatch extends StoreError {
  readonly code = 'HASH_MISMATCH'
  readonly declared: Digest
  readonly actual: Digest

  constructor(name: string, declared: Digest, actual: Digest) {
    super(`Cannot accept "${name}": expected ${formatDigest(declared)}, got ${formatDigest(actual)}`, {
      hint: `If the new content is intended, put hash: '${formatDigest(actual)}' in the recipe`,
    })
    this.declared = declared
    this.actual = actual
  }
}

const defaultTimeouts: Timeouts = { connect: 15_000, stall: 30_000 }

/**
 * Puts the bytes of `request` into the new file `target`, from the cache or from the first URL that serves them.
 * On every failure, an abort included, `target` does not exist. Wrong content is kept nowhere.
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

  const wanted = { digest, names: fileNames(request) }
  const kept = await context.cache.take(wanted, target, notices)
  const fetched = kept ?? (await fetchFromUrls(request, target, { ...context, report }))
  if (!kept) await context.cache.keep(digest, target, notices)
  report({ kind: 'done', name, ...fetched })
  return fetched
}

async function fetchFromUrls(request: FetchRequest, target: string, context: FetchContext): Promise<Fetched> {
  const { name, digest } = request
  const failures: FailedUrl[] = []
  let mismatch: HashMismatch | undefined
  for (const url of places(request, context)) {
    const shown = showUrl(url)
    context.report({ kind: 'start', name, url: shown })
    const result = await tryUrl(url, request, target, context)
    if (result instanceof UrlProblem) {
      failures.push({ url: shown, reason: result.message })
      context.report({ kind: 'failed', name, url: shown, reason: result.message })
    } else if (equalDigests(result.actual, digest)) {
      return { bytes: result.bytes, from: shown }
    } else {
      mismatch ??= new HashMismatch(name, digest, result.actual)
      const reason = `it served other content (${formatDigest(result.actual)})`
      context.report({ kind: 'failed', name, url: shown, reason })
    }
  }
  throw mismatch ?? new FetchFailed(name, failures)
}

/** Resolved one after the other, so that a mirror is looked up only when its turn comes. */
function* places({ urls, digest }: FetchRequest, context: FetchContext): Generator<string> {
  const tried = new Set<string>()
  for (const list of [
    ...urls.map(url => () => context.resolve(url)),
    () => context.lastResort?.(digest) ?? [],
  ])
    for (const url of list()) {
      if (tried.has(url)) continue
      tried.add(url)
      yield url
    }
}

async function tryUrl(url: string, request: FetchRequest, target: string, context: FetchContext) {
  const connection: Connection = {
    timeouts: { ...defaultTimeouts, ...context.timeouts },
    findProxy: context.findProxy ?? (() => undefined),
    signal: context.signal,
  }
  try {
    const { length, chunks } = await openUrl(url, connection)
    return await receive(exactly(length, chunks), target, request.digest, {
      signal: context.signal,
      onProgress: bytes =>
        context.report({ kind: 'progress', name: request.name, url: showUrl(url), bytes, total: length }),
    })
  } catch (error) {
    context.signal?.throwIfAborted()
    if (error instanceof UrlProblem) return error
    throw error
  }
}

async function openUrl(text: string, connection: Connection): Promise<Body> {
  if (!URL.canParse(text)) throw new UrlProblem('it is not a URL')
  const url = new URL(text)
  if (url.protocol === 'http:' || url.protocol === 'https:') return openHttp(url, connection)
  if (url.protocol === 'file:') return openFile(url)
  throw new UrlProblem(`"${url.protocol}" is not supported; http, https, file and mirror are`)
}

async function openFile(url: URL): Promise<Body> {
  try {
    const path = fileURLToPath(url)
    const info = await stat(path)
    if (!info.isFile()) throw new UrlProblem('it is not a regular file')
    return { length: info.size, chunks: readOwn(path) }
  } catch (error) {
    throw asUrlProblem(error)
  }
}

async function* readOwn(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* readChunks(path)
  } catch (error) {
    throw asUrlProblem(error)
  }
}

/** Lets through neither more nor less than was announced. */
async function* exactly(
  length: number | undefined,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (length !== undefined && bytes > length)
      throw new UrlProblem(`it sent more than the ${length} bytes announced`)
    yield chunk
  }
  if (length !== undefined && bytes < length) throw new UrlProblem(`it sent ${bytes} of ${length} bytes`)
}

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
