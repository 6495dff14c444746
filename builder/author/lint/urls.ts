import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatDigest, parseDigest } from '../../../store/index.js'
import type { DownloadCache } from '../../fetch/cache.js'
import { showUrl } from '../../fetch/events.js'
import { type FetchContext, FetchFailed, fetchFile, SourceMismatch } from '../../fetch/fetch.js'
import { fetchGit } from '../../fetch/git.js'
import { asUnavailable, probeUrl, type Unavailable, type UrlContext } from '../../fetch/hash-url.js'
import { type GitProbe, probeGit } from '../../fetch/probe-git.js'
import { aboutLiteral, type Finding, type Linted } from './finding.js'
import { type FetchNode, fetchesOf, hashProblem } from './sources.js'

/** How servers are asked, and git is run for it. */
export interface AskContext extends UrlContext, Pick<GitProbe, 'sandbox'> {
  /** All is downloaded and compared with its hash, and kept here for builds; nothing is when it is left out. */
  readonly downloads: DownloadCache | undefined
  readonly warn: (text: string) => void
  readonly report: (progress: AskProgress) => void
}

/** How many URLs have been asked, and how many bytes came of what was downloaded. */
export interface AskProgress {
  readonly asked: number
  readonly urls: number
  readonly bytes: number
}

/** How many URLs are asked at once, and how long one may take to answer. */
const AT_ONCE = 8
const PATIENCE = 10_000
const TIMEOUTS = { connect: PATIENCE, stall: PATIENCE }

/** What is wrong with a URL: the end of a sentence about its source. */
interface Flaw {
  readonly code: string
  readonly what: string
}

/**
 * Asks every URL of what packages fetch themselves: for its first bytes, or git for its HEAD; with `downloads` for all
 * of it. A mirror is alive when one of its places is. What nobody answers for is told apart from what is gone: it may be
 * the network here, or a server that will be back.
 */
export async function lintUrls(all: readonly Linted[], context: AskContext): Promise<readonly Finding[]> {
  const urls = all.flatMap(linted =>
    fetchesOf(linted, () => false).flatMap(node => node.urls.map(url => ({ linted, node, url }))),
  )
  const findings: (Finding | undefined)[] = []
  let [next, asked, bytes] = [0, 0, 0]
  const tell = (more: number): void => {
    bytes += more
    context.report({ asked, urls: urls.length, bytes })
  }
  const ask = async (): Promise<void> => {
    for (let i = next++; i < urls.length; i = next++) {
      const { linted, node, url } = urls[i]!
      const flaw = (await probe(node, url, context)) ?? (await compare(node, url, context, tell))
      const place = { literal: url, field: 'url' }
      if (flaw) findings[i] = aboutLiteral(linted, place, flaw.code, `has a source that ${flaw.what}`)
      asked++
      tell(0)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, ask))
  return findings.filter(finding => finding !== undefined)
}

/** What stands in the way of a URL, if anything does. */
async function probe({ kind }: FetchNode, url: string, context: AskContext): Promise<Flaw | undefined> {
  const found =
    kind === 'fetch'
      ? await probeUrl(url, { ...context, timeouts: TIMEOUTS, pauses: [] })
      : await probeGit(url, { ...context, timeout: PATIENCE })
  return found && asFlaw(found)
}

const asFlaw = ({ isGone, reason }: Unavailable): Flaw =>
  isGone
    ? { code: 'DEAD_URL', what: `is gone: ${reason}` }
    : { code: 'SILENT_URL', what: `cannot be reached: ${reason}` }

/** Downloads what a URL serves, whatever the cache has of it, and compares it with the hash. */
async function compare(
  node: FetchNode,
  url: string,
  context: AskContext,
  onReceived: (more: number) => void,
): Promise<Flaw | undefined> {
  const { downloads, warn } = context
  if (!downloads || hashProblem(node.hash) !== undefined) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'store-lint-'))
  const target = join(folder, 'source')
  const request = { name: node.name, urls: [url], digest: parseDigest(node.hash) }
  let before = 0
  const fetching: FetchContext = {
    ...context,
    lastResort: undefined,
    cache: { ...downloads, take: async () => undefined },
    report: event => {
      if (event.kind === 'warning') warn(event.message)
      if (event.kind !== 'progress' && event.kind !== 'done') return
      onReceived(event.bytes - before)
      before = event.bytes
    },
  }
  try {
    if (node.kind === 'fetch') await fetchFile(request, target, fetching)
    else
      await fetchGit(
        { ...request, commit: node.commit, submodules: node.submodules },
        target,
        folder,
        fetching,
      )
    return undefined
  } catch (error) {
    if (error instanceof FetchFailed) return asFlaw(asUnavailable(error))
    if (!(error instanceof SourceMismatch)) throw error
    const what = `has another hash there: ${showUrl(url)} gives ${formatDigest(error.actual)}`
    return { code: 'HASH_MISMATCH', what }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
