import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StoreError, systemCode } from './error.js'
import type { Keeper } from './keeper.js'
import { takeLock } from './lock.js'

/** The format of the state that this program writes. */
export const VERSION = '1'

/** Brings the state of a store from one format to the next; may be run again after it was interrupted. */
export interface Migration {
  readonly from: string
  readonly to: string
  run(state: string): Promise<void>
}

/** From the oldest format that is known to the newest. */
export const migrations: readonly Migration[] = []

export class NewerStore extends StoreError {
  readonly code = 'NEWER_STORE'

  constructor(state: string, version: string) {
    super(`The store in "${state}" has format "${version}", which this program does not know`, {
      hint: 'Use the version of store that made it, or a newer one',
    })
  }
}

/** The format of the state, or `undefined` when it has none yet, or another process is about to write it. */
export async function readVersion(state: string): Promise<string | undefined> {
  const text = await readFile(join(state, 'version'), 'utf8').catch(error => {
    if (systemCode(error) === 'ENOENT') return ''
    throw error
  })
  return text.trim() || undefined
}

export async function writeVersion(state: string, version: string): Promise<void> {
  const fresh = join(state, `version.${process.pid}`)
  await writeFile(fresh, `${version}\n`)
  await rename(fresh, join(state, 'version'))
}

/**
 * Migrates an older state to `to`, step by step, while no other process does; refuses any other. Each step is
 * recorded when it is done.
 */
export async function migrate(
  keeper: Keeper,
  state: string,
  to: string = VERSION,
  steps: readonly Migration[] = migrations,
): Promise<void> {
  await using _lock = await takeLock(keeper, join(state, 'locks', 'version'))
  for (;;) {
    const version = await readVersion(state)
    if (version === to || version === undefined) return
    const step = steps.find(({ from }) => from === version)
    if (!step) throw new NewerStore(state, version)
    await step.run(state)
    await keeper.sync(state)
    await writeVersion(state, step.to)
  }
}
