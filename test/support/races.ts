import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { expectSound } from './crashes.js'
import { type Running, run } from './processes.js'
import { temporaryStore } from './store.js'

/**
 * Lets two processes add and use objects for some seconds beside one that collects, and kills the latter again and
 * again if asked. Nothing that is used may be missing, and what is left must be sound. Returns how often each was done.
 */
export async function raceCollections(
  adder: string,
  { seconds, kill }: { readonly seconds: number; readonly kill: boolean },
): Promise<{ readonly uses: number; readonly collections: number; readonly deleted: number }> {
  await using store = await temporaryStore()
  const end = Date.now() + seconds * 1000
  const users = [1, 2].map(() => run(adder, [store.directory, 'use']))
  const counts = users.map(countLines)
  let collections = 0
  let deleted = 0
  while (Date.now() < end) {
    const collector = run(adder, [store.directory, 'collect'])
    const first = Number((await collector.line()) ?? 0)
    const lines = countLines(collector)
    await delay(kill ? Math.random() * 500 : end - Date.now())
    await stop(collector)
    const more = await lines
    collections += 1 + more.length
    deleted += Number(more.at(-1) ?? first)
  }
  await Promise.all(users.map(stop))
  await expectSound(store)
  const uses = (await Promise.all(counts)).flat().length
  return { uses, collections, deleted }
}

/** Fails when it ended by itself. */
async function stop({ child, ended }: Running): Promise<void> {
  child.kill('SIGKILL')
  expect(await ended).toEqual({ status: 'SIGKILL', errors: '' })
}

async function countLines({ line }: Running): Promise<string[]> {
  const lines: string[] = []
  for (let next = await line(); next !== undefined; next = await line()) lines.push(next)
  return lines
}
