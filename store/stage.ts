import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from './error.js'
import { writing } from './failure.js'
import type { Keeper } from './keeper.js'
import { type Lock, tryLock } from './lock.js'

/** A private directory on the objects' file system. Disposing of it removes it with all it contains. */
export interface Stage extends AsyncDisposable {
  readonly directory: string
}

const staging = (objects: string): string => join(objects, '.staging')
const LOCK = '.lock'

/** The lock is taken before the directory is made and freed after it is removed: unlocked means left over. */
export async function makeStage(keeper: Keeper, objects: string): Promise<Stage> {
  const parent = staging(objects)
  await writing(objects, () => mkdir(parent, { recursive: true, mode: 0o700 }))
  for (;;) {
    const directory = join(parent, `${process.pid}-${Math.random().toString(36).slice(2, 10)}`)
    const lock = await writing(parent, () => tryLock(keeper, directory + LOCK))
    if (!lock) continue
    try {
      await writing(parent, () => mkdir(directory, { mode: 0o700 }))
    } catch (error) {
      await lock[Symbol.asyncDispose]()
      if (systemCode(error) === 'EEXIST') continue
      throw error
    }
    return { directory, [Symbol.asyncDispose]: once(() => removeStage(keeper, directory, lock)) }
  }
}

/** Removes the stages of processes that died. */
export async function removeLeftovers(keeper: Keeper, objects: string): Promise<void> {
  const parent = staging(objects)
  const entries = await readdir(parent).catch(error => {
    if (systemCode(error) === 'ENOENT') return []
    throw error
  })
  const stages = new Set(entries.map(entry => (entry.endsWith(LOCK) ? entry.slice(0, -LOCK.length) : entry)))
  for (const stage of stages) {
    const directory = join(parent, stage)
    const lock = await writing(parent, () => tryLock(keeper, directory + LOCK))
    if (lock) await removeStage(keeper, directory, lock)
  }
}

async function removeStage(keeper: Keeper, directory: string, lock: Lock): Promise<void> {
  await keeper.remove(directory)
  await lock[Symbol.asyncDispose]()
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => {
    done ??= work()
    return done
  }
}
