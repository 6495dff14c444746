import { makeHasher } from '../digest.js'
import type { NarHash } from '../nar/hash.js'
import { writeNar } from '../nar/write.js'
import { hashPart, type StorePath } from '../path.js'
import { makeScanner } from './scanner.js'

/** What one pass over a tree finds. */
export interface TreeScan extends NarHash {
  /** The possible references that occur: in contents, in names of files, or in targets of symlinks. Sorted. */
  readonly references: readonly StorePath[]
  /** Hash parts that occur as `/store/<hash part>-` but belong to no possible reference. Sorted. */
  readonly unknown: readonly string[]
}

/** Hashes the tree at `path` and finds which of the `possible` references it contains. */
export async function scanTree(path: string, possible: Iterable<StorePath>): Promise<TreeScan> {
  const scan = startScan(possible)
  for await (const chunk of writeNar(path)) scan.update(chunk)
  return scan.finish()
}

/** Lets a NAR through, and scans what passes. */
export interface Scan {
  update(chunk: Uint8Array): void
  finish(): TreeScan
}

export function startScan(possible: Iterable<StorePath>): Scan {
  const paths = new Map([...possible].map(path => [hashPart(path), path]))
  const scanner = makeScanner(paths.keys())
  const hasher = makeHasher('blake3')
  let narSize = 0
  return {
    update: chunk => {
      hasher.update(chunk)
      scanner.update(chunk)
      narSize += chunk.length
    },
    finish: () => ({
      narHash: hasher.digest(),
      narSize,
      references: [...scanner.found].sort().map(part => paths.get(part)!),
      unknown: [...scanner.unknown].sort(),
    }),
  }
}
