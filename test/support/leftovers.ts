import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'

/** What every process of this machine says in `/proc/PID/<file>`, by its id; those that end meanwhile are left out. */
async function readAll(file: string): Promise<ReadonlyMap<number, string>> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger)
  const texts = await Promise.all(
    pids.map(async pid => [pid, await readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => '')] as const),
  )
  return new Map(texts)
}

const including = (texts: ReadonlyMap<number, string>, text: string): readonly number[] =>
  [...texts].filter(([pid, found]) => pid !== process.pid && found.includes(text)).map(([pid]) => pid)

/** Fails when a process whose command line has `text` in it stays. */
export const expectNoProcess = (text: string): Promise<void> =>
  expectNone(async () => including(await readAll('cmdline'), text))

/** Fails when a process of any mount namespace stays that sees something below `directory` mounted. */
export const expectNoMount = (directory: string): Promise<void> =>
  expectNone(async () => including(await readAll('mountinfo'), directory))

/** A child process of `parent` whose program is called `name`. */
export async function findChild(parent: number, name: string): Promise<number | undefined> {
  const stats = await readAll('stat')
  return [...stats].find(
    ([pid, stat]) => stat.startsWith(`${pid} (${name}) `) && parentOf(stat) === parent,
  )?.[0]
}

/** The second field after the program's name, which is in parentheses. */
const parentOf = (stat: string): number => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])

/** Killing takes a moment, more of it on a busy machine. */
async function expectNone(find: () => Promise<readonly number[]>): Promise<void> {
  for (let tries = 0; tries < 100 && (await find()).length > 0; tries++) await delay(100)
  expect(await find()).toEqual([])
}
