import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { expectSound } from './crashes.js'
import { type Running, run } from './processes.js'
import { temporaryStore } from './store.js'

/**
 * Lets two processes add and use objects beside one that collects, and kills the latter again and again if asked:
 * for some seconds, and until each has done what it is there for. Nothing that is used may be missing, and what is left
 * must be sound. Returns how often each was done.
 */
export async function raceCollections(
  adder: string,
  { seconds, kill }: { readonly seconds: number; readonly kill: boolean },
): Promise<{ readonly uses: number; readonly collections: number; readonly deleted: number }> {
  await using store = await temporaryStore()
  const end = Date.now() + seconds * 1000
  const users = [1, 2].map(() => follow(run(adder, [store.directory, 'use'])))
  const collectors: Followed[] = []
  const count = () => collectors.reduce((sum, { lines }) => sum + Number(lines.at(-1) ?? 0), 0)
  const isEnough = () => Date.now() > end && count() > 0 && users.every(({ lines }) => lines.length > 0)
  const isOver = () => isEnough() || [...users, ...collectors.slice(-1)].some(({ hasEnded }) => hasEnded())
  do {
    const collector = follow(run(adder, [store.directory, 'collect']))
    collectors.push(collector)
    while (!isOver() && !(kill && collector.lines.length > 0)) await delay(10)
    if (kill) await delay(Math.random() * 500)
    await collector.stop()
  } while (!isEnough())
  for (const { stop } of users) await stop()
  await expectSound(store)
  return {
    uses: users.reduce((sum, { lines }) => sum + lines.length, 0),
    collections: collectors.reduce((sum, { lines }) => sum + lines.length, 0),
    deleted: count(),
  }
}

interface Followed {
  /** What it has printed so far. */
  readonly lines: readonly string[]
  hasEnded(): boolean
  /** Kills it; fails when it has ended by itself. */
  stop(): Promise<void>
}

function follow({ child, line, ended }: Running): Followed {
  const lines: string[] = []
  let isRunning = true
  const read = async (): Promise<void> => {
    for (let next = await line(); next !== undefined; next = await line()) lines.push(next)
  }
  const over = Promise.all([read(), ended]).finally(() => {
    isRunning = false
  })
  return {
    lines,
    hasEnded: () => !isRunning,
    stop: async () => {
      child.kill('SIGKILL')
      expect((await over)[1]).toEqual({ status: 'SIGKILL', errors: '' })
    },
  }
}
