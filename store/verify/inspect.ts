import { lstatSync, readdirSync, type Stats } from 'node:fs'
import { padding } from '../nar/format.js'

/** What the metadata of a tree tells. */
export interface Inspection {
  /** The size of its NAR. */
  readonly narSize: number
  /** Files without the metadata of objects, and what is wrong with each. */
  readonly faults: readonly string[]
}

const SLASH = Buffer.from('/')

/** Looks at every file of the tree at `root` without opening any. */
export function inspectTree(root: string): Inspection {
  const faults: string[] = []
  const stack = [Buffer.from(root)]
  let narSize = strings('nix-archive-1'.length)
  for (let path = stack.pop(); path; path = stack.pop()) {
    const stats = lstatSync(path)
    const fault = findFault(stats)
    if (fault !== undefined)
      faults.push(`${path.toString().slice(root.length + 1) || 'the object itself'}: ${fault}`)
    narSize += nodeSize(stats)
    if (!stats.isDirectory()) continue
    for (const name of readdirSync(path, { encoding: 'buffer' })) {
      stack.push(Buffer.concat([path, SLASH, name]))
      narSize += strings('entry'.length, 1, 'name'.length, name.length, 'node'.length, 1)
    }
  }
  return { narSize, faults }
}

/** Bytes that strings of these lengths take in an archive. */
const strings = (...lengths: readonly number[]): number =>
  lengths.reduce((sum, length) => sum + 8 + length + padding(length), 0)

/** Bytes of one file's node, without the entries of a directory. */
function nodeSize(stats: Stats): number {
  const size = strings(1, 'type'.length, 1)
  if (stats.isDirectory()) return size + strings('directory'.length)
  if (stats.isSymbolicLink()) return size + strings('symlink'.length, 'target'.length, stats.size)
  const executable = stats.mode & 0o100 ? strings('executable'.length, 0) : 0
  return size + strings('regular'.length, 'contents'.length, stats.size) + executable
}

function findFault(stats: Stats): string | undefined {
  if (!stats.isFile() && !stats.isDirectory() && !stats.isSymbolicLink()) return 'no object can hold it'
  const mode = stats.mode & 0o7777
  const allowed = stats.isFile() ? [0o444, 0o555] : [0o555]
  if (!stats.isSymbolicLink() && !allowed.includes(mode))
    return `its mode is ${mode.toString(8).padStart(4, '0')}`
  return stats.mtimeMs === 1000 ? undefined : 'its time is not that of objects'
}
