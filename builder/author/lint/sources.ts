import { BadDigest, parseDigest, sortDepthFirst } from '../../../store/index.js'
import { probeUrl, type UrlContext } from '../../fetch/hash-url.js'
import { type GitProbe, probeGit } from '../../fetch/probe-git.js'
import type { Emission, EmittedNode } from '../../recipe/index.js'
import { aboutLiteral, type Finding, type Linted } from './finding.js'

type FetchNode = Extract<EmittedNode, { readonly kind: 'fetch' | 'fetch-git' }>

const isFetch = (node: EmittedNode): node is FetchNode => node.kind === 'fetch' || node.kind === 'fetch-git'

/** Looks whether hashes can be read, of all that is fetched for a package and not for another one. */
export function lintHashes(linted: Linted): readonly Finding[] {
  const others = new Set(linted.emission.packages.map(({ node }) => node))
  return fetchesOf(linted, place => !others.has(place)).flatMap(({ name, hash }) => {
    const problem = hashProblem(hash)
    if (problem === undefined) return []
    const sentence = `has a source "${name}" with a wrong hash: ${problem}`
    return [aboutLiteral(linted, { literal: hash, field: 'hash' }, 'BAD_HASH', sentence)]
  })
}

/** Stands for hashes that cannot be read; nothing has it. */
const NO_HASH = `sha256-${'A'.repeat(43)}=`

/** The emission with all hashes readable, so that what does not depend on wrong ones can be looked at. */
export const withHashes = (emission: Emission): Emission => ({
  ...emission,
  nodes: emission.nodes.map(node =>
    isFetch(node) && hashProblem(node.hash) !== undefined ? { ...node, hash: NO_HASH } : node,
  ),
})

function hashProblem(hash: string): string | undefined {
  try {
    parseDigest(hash)
    return undefined
  } catch (error) {
    if (!(error instanceof BadDigest)) throw error
    return error.message
  }
}

/** What is fetched for a package: by itself and by those builds, among all it needs, that `isFollowed`. */
function fetchesOf(
  { package: found, emission }: Linted,
  isFollowed: (place: number) => boolean,
): FetchNode[] {
  if (found.node === undefined) return []
  const isOwn = (place: number): boolean => emission.nodes[place]!.kind !== 'build' || isFollowed(place)
  const places = sortDepthFirst([found.node], place => needsOf(emission.nodes[place]!).filter(isOwn))
  return places.map(place => emission.nodes[place]!).filter(isFetch)
}

/** The places of the nodes that a node refers to. */
function needsOf(node: EmittedNode): readonly number[] {
  const texts =
    node.kind === 'build'
      ? [node.builder, ...node.args, ...Object.values(node.env), node.shell]
      : 'source' in node
        ? [node.source]
        : []
  return texts.flat().flatMap(part => (typeof part === 'string' ? [] : [part.node]))
}

/** How servers are asked, and git is run for it. */
export type AskContext = UrlContext & Pick<GitProbe, 'sandbox'>

/** How many URLs are asked at once, and how long one may take to answer. */
const AT_ONCE = 8
const PATIENCE = 10_000
const TIMEOUTS = { connect: PATIENCE, stall: PATIENCE }

/**
 * Asks every URL of what packages fetch themselves: for its first bytes, or git for its HEAD. A mirror is alive when one
 * of its places is. What nobody answers for is told apart from what is gone: it may be the network here, or a server
 * that will be back.
 */
export async function lintUrls(all: readonly Linted[], context: AskContext): Promise<readonly Finding[]> {
  const asked = all.flatMap(linted =>
    fetchesOf(linted, () => false).flatMap(({ kind, urls }) => urls.map(url => ({ linted, kind, url }))),
  )
  const findings: (Finding | undefined)[] = []
  const patient = { ...context, timeouts: TIMEOUTS, pauses: [] }
  let next = 0
  const ask = async (): Promise<void> => {
    for (let i = next++; i < asked.length; i = next++) {
      const { linted, kind, url } = asked[i]!
      const found =
        kind === 'fetch'
          ? await probeUrl(url, patient)
          : await probeGit(url, { ...context, timeout: PATIENCE })
      if (!found) continue
      const [code, what] = found.isGone ? ['DEAD_URL', 'is gone'] : ['SILENT_URL', 'cannot be reached']
      const sentence = `has a source that ${what}: ${found.reason}`
      findings[i] = aboutLiteral(linted, { literal: url, field: 'url' }, code!, sentence)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, ask))
  return findings.filter(finding => finding !== undefined)
}
