import { BadDigest, parseDigest, sortDepthFirst } from '../../../store/index.js'
import type { Emission, EmittedNode } from '../../recipe/index.js'
import { aboutLiteral, type Finding, type Linted } from './finding.js'

export type FetchNode = Extract<EmittedNode, { readonly kind: 'fetch' | 'fetch-git' }>

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

/** Why a hash cannot be read, if it cannot. */
export function hashProblem(hash: string): string | undefined {
  try {
    parseDigest(hash)
    return undefined
  } catch (error) {
    if (!(error instanceof BadDigest)) throw error
    return error.message
  }
}

/** What is fetched for a package: by itself and by those builds, among all it needs, that `isFollowed`. */
export function fetchesOf(
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
