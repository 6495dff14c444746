import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemCode } from './error.js'
import { NoPlace } from './failure.js'

/**
 * Makes a directory and those above it. (Node's own way never returns where the system lets nobody make any, and on a
 * file system that is read-only says that something does not exist.)
 */
export async function makeDirectory(path: string): Promise<void> {
  await make(path, false)
}

async function make(path: string, triedBefore: boolean): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return
    if (systemCode(error) !== 'ENOENT') throw error
    const above = dirname(path)
    if (triedBefore) throw new NoPlace(path, error)
    // Another process may be making it, too.
    if (!(await stat(above).catch(() => undefined))) await make(above, false)
    await make(path, true)
  }
}
