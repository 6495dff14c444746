import { readFile } from 'node:fs/promises'
import { basename, isAbsolute } from 'node:path'
import type { Emission, EmittedNode, EmittedPackage, EmittedText } from '../recipe/index.js'
import { BadRecipe, type Location } from './errors.js'
import { type Root, showFile } from './roots.js'

/**
 * A mistake that the node at `place` shows, told with the recipe file of the package that has it, and the line where the
 * file says so. Of an input whose file the emission does not know it is that of the package that needs it.
 */
export async function placeMistake(
  { message, hint }: BadRecipe,
  { packages, nodes }: Emission,
  place: number,
  roots: readonly Root[],
): Promise<BadRecipe> {
  let input: EmittedNode | undefined
  for (const user of usersOf(nodes, place)) {
    const node = nodes[user]!
    const found = packages.find(other => other.node === user || isBuildOf(node, other))
    if (found) {
      const file = showFile(roots, found.file)
      if (input) return new BadRecipe(undefined, `${file}: its input "${input.name}": ${message}`, hint)
      const location = await findLine(file, [wordOf(nodes[place]!), `export const ${found.exportName}`])
      return new BadRecipe(location, location ? message : `${file}: ${message}`, hint)
    }
    if (node.kind === 'build') input ??= node
  }
  return new BadRecipe(undefined, message, hint)
}

const isBuildOf = (node: EmittedNode, { name, version }: EmittedPackage): boolean =>
  node.kind === 'build' && node.name === `${name}-${version}`

/** The node at `place`, and those that need it, directly or not, in their order. */
function* usersOf(nodes: readonly EmittedNode[], place: number): Generator<number> {
  const found = new Set([place])
  for (const [i, node] of nodes.entries()) {
    if (!textsOf(node).some(text => text.some(part => typeof part !== 'string' && found.has(part.node))))
      if (i !== place) continue
    found.add(i)
    yield i
  }
}

const textsOf = (node: EmittedNode): readonly EmittedText[] =>
  node.kind === 'build'
    ? [node.builder, node.shell, ...node.args, ...Object.values(node.env)]
    : 'source' in node
      ? [node.source]
      : []

/** What a recipe file has written out of a node. */
const wordOf = (node: EmittedNode): string | undefined =>
  'hash' in node ? node.hash : node.kind === 'local' ? basename(node.path) : undefined

/** The first place in a file of the first of `words` that it has. */
async function findLine(file: string, words: readonly (string | undefined)[]): Promise<Location | undefined> {
  const text = isAbsolute(file) ? await readFile(file, 'utf8').catch(() => '') : ''
  const at = words.map(word => (word ? text.indexOf(word) : -1)).find(at => at >= 0)
  if (at === undefined) return undefined
  const lines = text.slice(0, at).split('\n')
  return { file, line: lines.length, column: lines.at(-1)!.length + 1 }
}
