import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { STORE_DIRECTORY } from '../layout.js'
import { findStorePath, type StorePath } from '../path.js'

/** Bytes, as Linux has it. */
const LONGEST_PATH = 4096

export interface UsedPath {
  readonly path: StorePath
  readonly pid: number
}

/**
 * The objects that running processes execute, have open, have mapped, work in, or name in their environment; whether
 * they see them where they lie on disk or at `/store`. What other users' processes do, only root may know.
 */
export function findUsedPaths(objects: string): UsedPath[] {
  const pattern = pathPattern(objects)
  return readdirSync('/proc')
    .filter(name => /^[0-9]+$/.test(name))
    .flatMap(pid =>
      [...findBases(objects, pid, pattern)].flatMap(findStorePath).map(path => ({ path, pid: Number(pid) })),
    )
}

/** The base names of what a process uses of the store. */
function findBases(objects: string, pid: string, pattern: RegExp): ReadonlySet<string> {
  const bases = new Set<string>()
  // Paths that may be those of another store, and the base names in them.
  const others = new Map<string, string>()
  for (const text of describeProcess(join('/proc', pid)))
    for (const { 0: named, 1: directory, 2: base = '', index } of text.matchAll(pattern))
      if (directory === objects) bases.add(base)
      else others.set(wordBefore(text, index) + named, base)
  for (const [path, base] of others)
    if (!bases.has(base) && mayBeOurs(objects, pid, base, path)) bases.add(base)
  return bases
}

/** Matches paths in either directory; the groups are the directory and the base name. */
const pathPattern = (objects: string): RegExp => {
  const directories = [...new Set([objects, STORE_DIRECTORY])].map(directory =>
    directory.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  )
  return new RegExp(`(${directories.join('|')})/([0-9a-z]{32}-[0-9A-Za-z+._?=-]+)`, 'g')
}

/** What stands before a place in a text and can belong to the same path. */
const wordBefore = (text: string, index: number): string =>
  text
    .slice(Math.max(0, index - LONGEST_PATH), index)
    .split(/[\s\0:=]/)
    .at(-1)!

/**
 * What a process sees at `/store`, or names by a path that goes on like one of ours, can belong to another store, or be
 * nothing: the output that a build is to make. Only what surely is left out: a process that has no `/store` may have
 * got the name from this program, and where nobody may look it counts.
 */
function mayBeOurs(objects: string, pid: string, base: string, path: string): boolean {
  const root = join('/proc', pid, 'root')
  try {
    const theirs = look(join(root, STORE_DIRECTORY, base)) ?? look(join(root, path))
    if (!theirs) return !look(join(root, STORE_DIRECTORY))
    const ours = lstatSync(join(objects, base))
    return theirs.isSymbolicLink() || (theirs.dev === ours.dev && theirs.ino === ours.ino)
  } catch {
    return true
  }
}

const look = (place: string): Stats | undefined => lstatSync(place, { throwIfNoEntry: false })

/** Everything in which a process can name an object; empty once the process is gone, or is none of ours. */
function* describeProcess(directory: string): Generator<string, void, void> {
  for (const link of ['exe', 'cwd', 'root']) yield attempt(() => readlinkSync(join(directory, link)))
  for (const file of ['maps', 'environ']) yield attempt(() => readFileSync(join(directory, file), 'utf8'))
  const files = join(directory, 'fd')
  for (const file of attempt(() => readdirSync(files).join('\n')).split('\n'))
    if (file !== '') yield attempt(() => readlinkSync(join(files, file)))
}

/** Processes end while they are looked at; whatever fails is not there. */
function attempt(read: () => string): string {
  try {
    return read()
  } catch {
    return ''
  }
}
