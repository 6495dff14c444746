import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { compareBytes } from './canonical.js'
import type { Keeper } from './keeper.js'
import type { StorePath } from './path.js'
import type { Store } from './store.js'
import { isStopped, wakeHolder } from './wake.js'

/** A held kernel lock. Disposing of it frees it; so does the death of this process, however it dies. */
export interface Lock extends AsyncDisposable {
  readonly file: string
}

/** How often a waiter looks whether the holder is stopped. */
const PATIENCE = 250

/** Waits for the lock on `file`. A holder that is stopped is woken for as long as a commit takes. */
export function takeLock(keeper: Keeper, file: string, signal?: AbortSignal): Promise<Lock> {
  return waitForLock(keeper, file, signal, () => wakeHolder(() => readOwner(file)))
}

/**
 * Waits for the lock on `file` as long as its holder runs. `undefined` when the holder is stopped: nobody may be
 * kept from work by a command that does not go on.
 */
export async function claim(keeper: Keeper, file: string, signal?: AbortSignal): Promise<Lock | undefined> {
  const stopped = new AbortController()
  const until = signal ? AbortSignal.any([signal, stopped.signal]) : stopped.signal
  try {
    return await waitForLock(keeper, file, until, async () => {
      const owner = await readOwner(file)
      if (owner !== undefined && (await isStopped(owner))) stopped.abort()
    })
  } catch (error) {
    if (stopped.signal.aborted && !signal?.aborted) return undefined
    throw error
  }
}

/** Waits for a lock, and looks at its holder from time to time. */
async function waitForLock(
  keeper: Keeper,
  file: string,
  signal: AbortSignal | undefined,
  look: () => Promise<void>,
): Promise<Lock> {
  const done = new AbortController()
  const taken = keeper.lock(file, signal).finally(() => done.abort())
  const watch = async () => {
    for (;;) {
      await delay(PATIENCE, undefined, { signal: done.signal, ref: false }).catch(() => undefined)
      if (done.signal.aborted) return
      await look()
    }
  }
  const watching = watch()
  try {
    return makeLock(keeper, file, await taken)
  } finally {
    await watching
  }
}

export async function tryLock(keeper: Keeper, file: string): Promise<Lock | undefined> {
  const id = await keeper.tryLock(file)
  return id === undefined ? undefined : makeLock(keeper, file, id)
}

/**
 * The locks of several objects. Whoever has to wait takes them one by one, always in the same order, so that no
 * two takers wait for each other.
 */
export async function lockAll(
  store: Store,
  paths: Iterable<StorePath>,
  signal?: AbortSignal,
): Promise<AsyncDisposable> {
  const sorted = [...new Set(paths)].sort(compareBytes)
  const atOnce = await Promise.all(sorted.map(path => store.tryLock(path)))
  const held = atOnce.filter(lock => lock !== undefined)
  try {
    if (held.length < sorted.length) {
      await freeAll(held)
      for (const path of sorted) held.push(await store.lock(path, signal))
    }
    return { [Symbol.asyncDispose]: () => freeAll(held) }
  } catch (error) {
    await freeAll(held)
    throw error
  }
}

/** Claims on several objects. */
export interface Claims extends AsyncDisposable {
  /** Whether all are held, so that others wait. */
  readonly isWhole: boolean
}

/** Claims several objects, in the same order for everybody; where a claimant is stopped, the claim is not held. */
export async function claimAll(
  store: Store,
  paths: Iterable<StorePath>,
  signal?: AbortSignal,
): Promise<Claims> {
  const held: Lock[] = []
  const sorted = [...new Set(paths)].sort(compareBytes)
  try {
    for (const path of sorted) {
      const lock = await store.claim(path, signal)
      if (lock) held.push(lock)
    }
    return { isWhole: held.length === sorted.length, [Symbol.asyncDispose]: () => freeAll(held) }
  } catch (error) {
    await freeAll(held)
    throw error
  }
}

async function freeAll(held: Lock[]): Promise<void> {
  await Promise.all(held.splice(0).map(lock => lock[Symbol.asyncDispose]()))
}

function makeLock(keeper: Keeper, file: string, id: number): Lock {
  let freed: Promise<void> | undefined
  return {
    file,
    [Symbol.asyncDispose]: () => {
      freed ??= keeper.unlock(id)
      return freed
    },
  }
}

/** Who wrote the lock file, which its holder does. */
async function readOwner(file: string): Promise<number | undefined> {
  const text = await readFile(file, 'latin1').catch(() => '')
  return Number.parseInt(text, 10) || undefined
}
