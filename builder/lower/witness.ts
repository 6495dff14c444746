import { type BigIntStats, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Metafile } from 'esbuild'
import type { Root } from './roots.js'

/** A place that an evaluation looked at, and what lies there: it changes when its content, or what a folder has, does. */
export type Witness = readonly [path: string, state: string]

/** What stands for a place where nothing is. */
const NOTHING = '-'

/**
 * The files that were read, the folders in which they, and others that might have taken their place, were looked for,
 * and the descriptions of packages beside and above them, by which esbuild may be told how to read a file.
 */
export function placesOf({ inputs }: Metafile, roots: readonly Root[]): readonly string[] {
  const files = new Set<string>()
  const folders = new Set<string>()
  const addFolder = (folder: string): void => {
    if (folders.has(folder)) return
    folders.add(folder)
    if (roots.some(root => folder.startsWith(`${root.folder}/`))) addFolder(dirname(folder))
  }
  for (const [name, { imports }] of Object.entries(inputs)) {
    const file = join('/', name)
    if (name !== '<stdin>') files.add(file)
    if (name !== '<stdin>') addFolder(dirname(file))
    for (const { original } of imports)
      if (original?.startsWith('.')) addFolder(dirname(join(dirname(file), original)))
  }
  const above = new Set<string>()
  for (let folder of folders) for (; !above.has(folder); folder = dirname(folder)) above.add(folder)
  return [...files, ...folders, ...[...above].map(folder => join(folder, 'package.json'))]
}

/** What now lies at `path`, without opening it. */
export const witness = (path: string): Witness => [path, stateOf(look(path))]

export const isNothing = ([, state]: Witness): boolean => state === NOTHING

export const isUnchanged = ([path, state]: Witness): boolean => stateOf(look(path)) === state

/** Nanoseconds; see `digestOnce` in the store: in one tick of the clock a file may change twice and show one change. */
const MARGIN = 2_000_000_000n

/** Begins a time of which can be asked later whether some places have shown no change in it, nor shortly before. */
export function startResting(): (paths: readonly string[]) => boolean {
  const started = BigInt(Date.now()) * 1_000_000n
  return paths => newestOf(paths) + MARGIN < started
}

/** Nanoseconds since 1970 of the last change that any of `paths` shows. */
const newestOf = (paths: readonly string[]): bigint =>
  paths.reduce((newest, path) => {
    const { mtimeNs, ctimeNs } = look(path) ?? { mtimeNs: 0n, ctimeNs: 0n }
    return [newest, mtimeNs, ctimeNs].reduce((a, b) => (a > b ? a : b))
  }, 0n)

const look = (path: string): BigIntStats | undefined =>
  statSync(path, { bigint: true, throwIfNoEntry: false })

const stateOf = (stats: BigIntStats | undefined): string =>
  stats === undefined
    ? NOTHING
    : `${stats.dev} ${stats.ino} ${stats.mode} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`
