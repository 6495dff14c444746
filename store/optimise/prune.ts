import { lstatSync, readdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../error.js'
import type { Store } from '../store.js'
import { linksFolder } from './share.js'

/** Removes the names of contents that no object has any more. Returns the bytes freed. */
export function pruneContents(store: Store): number {
  const folder = linksFolder(store.objects)
  let freed = 0
  for (const name of list(folder)) {
    const file = join(folder, name)
    const stats = lstatSync(file, { throwIfNoEntry: false })
    if (!stats || stats.nlink > 1) continue
    unlinkSync(file)
    freed += stats.size
  }
  return freed
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return []
    throw error
  }
}
