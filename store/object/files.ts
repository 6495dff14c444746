import { lstatSync, readdirSync } from 'node:fs'

/** A file or symlink of a tree. */
export interface TreeFile {
  /** Where it lies; names need not be UTF-8. */
  readonly path: Buffer
  /** Its path within the tree, for people; empty when the tree is a single file. */
  readonly name: string
  readonly kind: 'file' | 'symlink'
}

const SLASH = Buffer.from('/')

/** The regular files and symlinks of the tree at `root`, in the order of their names. */
export function* listFiles(root: string): Generator<TreeFile, void, void> {
  const start = Buffer.from(root)
  if (lstatSync(start).isDirectory()) yield* listDirectory(start, '')
  else yield { path: start, name: '', kind: lstatSync(start).isSymbolicLink() ? 'symlink' : 'file' }
}

function* listDirectory(directory: Buffer, prefix: string): Generator<TreeFile, void, void> {
  const entries = readdirSync(directory, { withFileTypes: true, encoding: 'buffer' })
  for (const entry of entries.sort((a, b) => Buffer.compare(a.name, b.name))) {
    const path = Buffer.concat([directory, SLASH, entry.name])
    const name = `${prefix}${entry.name.toString()}`
    if (entry.isDirectory()) yield* listDirectory(path, `${name}/`)
    else if (entry.isFile()) yield { path, name, kind: 'file' }
    else if (entry.isSymbolicLink()) yield { path, name, kind: 'symlink' }
  }
}
