import { appendFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectory } from '../directory.js'
import { systemCode } from '../error.js'
import { writing } from '../failure.js'
import type { Keeper } from '../keeper.js'
import { type Lock, tryLock } from '../lock.js'
import { findStorePath, type StorePath } from '../path.js'

/**
 * What one open store uses: a locked file that lists paths. It is a root from the moment it is written until the
 * store is closed or its process dies, however that happens: the kernel frees the lock, and unlocked means over.
 */
export interface TemporaryRoots {
  add(paths: Iterable<StorePath>): Promise<void>
}

const folder = (state: string): string => join(state, 'temp-roots')

export function makeTemporaryRoots(keeper: Keeper, state: string): TemporaryRoots {
  const listed = new Set<StorePath>()
  let lock: Promise<Lock> | undefined
  return {
    add: async paths => {
      lock ??= writing(state, () => lockNewFile(keeper, state))
      const { file } = await lock
      const fresh = [...new Set(paths)].filter(path => !listed.has(path))
      if (fresh.length === 0) return
      await writing(state, () => appendFileSync(file, fresh.map(path => `${path}\n`).join('')))
      for (const path of fresh) listed.add(path)
    },
  }
}

async function lockNewFile(keeper: Keeper, state: string): Promise<Lock> {
  await makeDirectory(folder(state))
  for (;;) {
    const name = `${process.pid}-${Math.random().toString(36).slice(2, 10)}`
    const lock = await tryLock(keeper, join(folder(state), name))
    if (lock) return lock
  }
}

export interface TemporaryRoot {
  readonly path: StorePath
  /** The process that uses it. */
  readonly pid: number
}

/** What running commands use. Files of those that died are removed. */
export async function readTemporaryRoots(keeper: Keeper, state: string): Promise<TemporaryRoot[]> {
  const names = await readdir(folder(state)).catch(error => {
    if (systemCode(error) === 'ENOENT') return []
    throw error
  })
  const roots: TemporaryRoot[] = []
  for (const name of names) {
    const file = join(folder(state), name)
    await using dead = await writing(state, () => tryLock(keeper, file))
    if (dead) continue
    // A line that is being written belongs to somebody who has not yet looked whether the path is valid.
    const text = await readFile(file, 'latin1').catch(error => {
      // Who has ended since removes it; of one that cannot be read nobody knows what it keeps.
      if (systemCode(error) === 'ENOENT') return ''
      throw error
    })
    const lines = text.split('\n').slice(0, -1)
    for (const path of lines.flatMap(findStorePath)) roots.push({ path, pid: Number.parseInt(name, 10) })
  }
  return roots
}
