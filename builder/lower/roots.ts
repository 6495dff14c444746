import { realpath } from 'node:fs/promises'
import { isAbsolute, join, relative } from 'node:path'
import type { Evaluator } from './confined.js'
import type { Memory } from './remember.js'

/** A folder that recipes may be loaded from. Recipes and emissions name it; only this program knows where it lies. */
export interface Root {
  readonly name: string
  readonly folder: string
}

/** Where the program finds recipes: the library they import, and the folders they may lie in. */
export interface RecipeWorld {
  readonly evaluator: Evaluator
  /** Where evaluations are remembered, if they are. */
  readonly memory?: Memory
  /** The file that `store/recipe` resolves to. */
  readonly library: string
  /** The folder of the channel's recipes. */
  readonly channel: Root
  /** The recipes that `store/channel/<name>` resolves to, unless they are the channel's own. */
  readonly base?: Root
}

/** The folders that recipes of a world may lie in. */
export const rootsOf = ({ channel, base }: RecipeWorld): readonly Root[] =>
  base ? [channel, base] : [channel]

export const CHANNEL = 'channel'
/** What recipes of a channel import as `store/channel/...` when they do not carry the library themselves. */
export const BASE = 'base'

/** A root whose folder has no symlinks in it, as the loader reports files. */
export const makeRoot = async (name: string, folder: string): Promise<Root> => ({
  name,
  folder: await realpath(folder),
})

/** `file` as `<root>/<path in it>`, or `undefined` when it lies in none. */
export function nameFile(roots: readonly Root[], file: string): string | undefined {
  for (const { name, folder } of roots) {
    const path = relative(folder, file)
    if (path !== '' && !path.startsWith('..') && !isAbsolute(path)) return `${name}/${path}`
  }
  return undefined
}

/** Where a file that a message names lies; what lies in no root keeps its name. */
export const showFile = (roots: readonly Root[], named: string): string => locateFile(roots, named) ?? named

/** Where `<root>/<path>` lies, or `undefined` when there is no such root, or it leaves it. */
export function locateFile(roots: readonly Root[], named: string): string | undefined {
  const slash = named.indexOf('/')
  const root = roots.find(({ name }) => name === named.slice(0, slash))
  if (slash <= 0 || !root) return undefined
  const file = join(root.folder, named.slice(slash + 1))
  return file.startsWith(`${root.folder}/`) || file === root.folder ? file : undefined
}
