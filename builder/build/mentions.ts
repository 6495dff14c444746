import { readdir, readFile, readlink } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Mention } from './errors.js'

/** Mentions beyond this are not listed; the first few show where to look. */
const MOST = 8

/** Finds which files of a tree contain the given hash parts. Files are named relative to the tree. */
export async function findMentions(tree: string, hashParts: readonly string[]): Promise<readonly Mention[]> {
  const mentions: Mention[] = []
  const look = (path: string, content: Buffer): void => {
    for (const hashPart of hashParts)
      if (content.includes(hashPart)) mentions.push({ file: relative(tree, path), hashPart })
  }
  const visit = async (path: string): Promise<void> => {
    const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined)
    if (!entries) return look(path, await readFile(path))
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (mentions.length >= MOST) return
      const child = join(path, entry.name)
      if (entry.isDirectory()) await visit(child)
      else look(child, entry.isSymbolicLink() ? Buffer.from(await readlink(child)) : await readFile(child))
    }
  }
  await visit(tree)
  return mentions
}
