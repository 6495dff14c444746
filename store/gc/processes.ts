import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { STORE_DIRECTORY } from '../layout.js'
import { findStorePath, type StorePath } from '../path.js'

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
    .flatMap(name => {
      const bases = new Map<string, string>()
      for (const text of describeProcess(join('/proc', name)))
        for (const [, directory = '', base = ''] of text.matchAll(pattern))
          if (directory === objects || !bases.has(base)) bases.set(base, directory)
      return [...bases]
        .filter(([base, directory]) => directory === objects || mayBeOurs(objects, name, base))
        .flatMap(([base]) => findStorePath(base))
        .map(path => ({ path, pid: Number(name) }))
    })
}

/** Matches paths in either directory; the groups are the directory and the base name. */
const pathPattern = (objects: string): RegExp => {
  const directories = [...new Set([objects, STORE_DIRECTORY])].map(directory =>
    directory.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  )
  return new RegExp(`(${directories.join('|')})/([0-9a-z]{32}-[0-9A-Za-z+._?=-]+)`, 'g')
}

/** What a process sees at `/store` can belong to another store; only what surely does is left out. */
function mayBeOurs(objects: string, pid: string, base: string): boolean {
  try {
    const theirs = lstatSync(join('/proc', pid, 'root', STORE_DIRECTORY, base))
    const ours = lstatSync(join(objects, base))
    return theirs.isSymbolicLink() || (theirs.dev === ours.dev && theirs.ino === ours.ino)
  } catch {
    return true
  }
}

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
