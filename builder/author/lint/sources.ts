import { BadDigest, parseDigest } from '../../../store/index.js'
import { probeUrl, type UrlContext } from '../../fetch/hash-url.js'
import { about, type Finding, type Linted } from './finding.js'

/** Looks whether hashes can be read. */
export function lintHashes(linted: Linted): readonly Finding[] {
  const { package: found, emission } = linted
  return emission.nodes.flatMap(node => {
    if (node.kind !== 'fetch' || node.urls.join() !== found.sources.join()) return []
    try {
      parseDigest(node.hash)
      return []
    } catch (error) {
      if (!(error instanceof BadDigest)) throw error
      return [about(linted, 'hash', 'BAD_HASH', `has a source with a wrong hash: ${error.message}`)]
    }
  })
}

/** How many URLs are asked at once, and how long one may take to answer. */
const AT_ONCE = 8
const TIMEOUTS = { connect: 10_000, stall: 10_000 }

/**
 * Asks every URL of every source for its first bytes. A mirror is alive when one of its places is. What nobody answers
 * for is told apart from what is gone: it may be the network here, or a server that will be back.
 */
export async function lintUrls(all: readonly Linted[], context: UrlContext): Promise<readonly Finding[]> {
  const asked = all.flatMap(linted =>
    linted.package.sources.filter(url => /^\w+:\/\//.test(url)).map(url => ({ linted, url })),
  )
  const findings: (Finding | undefined)[] = []
  const patient = { ...context, timeouts: TIMEOUTS, pauses: [] }
  let next = 0
  const ask = async (): Promise<void> => {
    for (let i = next++; i < asked.length; i = next++) {
      const { linted, url } = asked[i]!
      const found = await probeUrl(url, patient)
      if (found?.isGone)
        findings[i] = about(linted, 'url', 'DEAD_URL', `has a source that is gone: ${found.reason}`)
      else if (found)
        findings[i] = about(
          linted,
          'url',
          'SILENT_URL',
          `has a source that cannot be reached: ${found.reason}`,
        )
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, ask))
  return findings.filter(finding => finding !== undefined)
}
