import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { BASE, CHANNEL, nameFile, type Root } from './roots.js'

/** Where the program keeps what an editor needs for a folder of recipes. */
export const HIDDEN = '.store'

/** What git keeps of a repository, what this program and npm put there for editors: a channel is a folder without them. */
const leftOut: ReadonlySet<string> = new Set(['.git', HIDDEN, 'node_modules'])

/** Whether a path has a name that no channel has, whatever lies in its folder. */
export const isLeftOut = (path: string): boolean => path.split('/').some(name => leftOut.has(name))

/** Whether recipes cannot use `<root>/<path>` because a channel leaves it out; a file of no channel may lie anywhere. */
export const isOutOfReach = (named: string): boolean =>
  [CHANNEL, BASE].some(root => named.startsWith(`${root}/`)) && isLeftOut(named)

/** The first of `file` and what is in it that is out of the reach of recipes. */
export function findOutOfReach(roots: readonly Root[], file: string): string | undefined {
  const named = nameFile(roots, file) ?? roots.find(({ folder }) => folder === file)?.name
  return named === undefined ? undefined : find(file, named)
}

function find(file: string, named: string): string | undefined {
  if (isOutOfReach(named)) return file
  if (!lstatSync(file).isDirectory()) return undefined
  for (const name of readdirSync(file)) {
    const found = find(join(file, name), `${named}/${name}`)
    if (found !== undefined) return found
  }
  return undefined
}
