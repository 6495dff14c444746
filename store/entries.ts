import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from './error.js'

/** Writes an entry of a cache in `state`, at one instant, where it can be written. */
export function writeEntry(state: string, folder: string, name: string, entry: string): void {
  if (!existsSync(state)) return
  whereReachable(() => {
    mkdirSync(folder, { recursive: true })
    const fresh = join(folder, `${name}.${process.pid}`)
    writeFileSync(fresh, entry)
    renameSync(fresh, join(folder, name))
  })
}

/** What `work` gives, or nothing where files cannot be read or written: there everything is done each time. */
export function whereReachable<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (unreachable.has(systemCode(error))) return undefined
    throw error
  }
}

const unreachable: ReadonlySet<string | undefined> = new Set([
  'ENOENT',
  'ENOTDIR',
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOSPC',
  'EDQUOT',
  'EIO',
])
