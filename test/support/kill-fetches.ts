import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { openStore } from '../../store/index.js'
import { type BadMirror, serveBadly } from './bad-mirror.js'
import { temporaryRoot } from './command.js'
import { expectSound } from './crashes.js'
import { expectNoMount, expectNoProcess } from './leftovers.js'
import { runPatiently } from './pair.js'
import { storeOptions } from './store.js'

/** Milliseconds within which a command is killed, and the network cut and restored. */
const MOMENTS = 3000
const CUT = 1000

/** How many kills there are of one thing before it must come. */
const TRIES = 3

/**
 * Kills commands at random moments that fetch files and commits from a bad mirror, over a network that is cut and
 * restored. Nothing may be left running or mounted; with a good mirror the next command must succeed, and in the end
 * the store must be whole.
 */
export async function killFetches(seeded: string, kills: number): Promise<Readonly<Record<string, number>>> {
  await using root = await temporaryRoot(seeded)
  await using mirror = await serveBadly(root.path)
  const ends: Record<string, number> = {}
  const seed = Math.floor(Math.random() * 2 ** 30)
  for (let kill = 0; kill < kills; kill += TRIES) {
    const name = `${kill % 2 === 0 ? 'file' : 'git'}-${seed}-${kill}`
    const write = kill % 2 === 0 ? mirror.writeRecipe : mirror.writeGitRecipe
    const args = ['build', await write(root.path, name)]
    mirror.isBad = true
    for (let tries = 0; tries < TRIES; tries++) {
      const cutting = cutForAWhile(mirror)
      const { status, signal, stderr } = await runPatiently(root.path, args, {
        onStart: child => void delay(Math.random() * MOMENTS).then(() => child.kill('SIGKILL')),
      })
      await cutting
      const end = signal ?? /error\[(\w+)\]/.exec(stderr)?.[1] ?? `exit ${status}`
      ends[end] = (ends[end] ?? 0) + 1
      expect(stderr).not.toContain('DEFECT')
      await expectNoProcess(mirror.base)
      await expectNoMount(root.path)
    }
    mirror.isBad = false
    const { status, stdout, stderr } = await runPatiently(root.path, args)
    expect(status, stderr).toBe(0)
    const content = kill % 2 === 0 ? mirror.contentOf(name) : Buffer.from(name)
    expect((await readFile(join(root.path, stdout.trim()))).equals(content)).toBe(true)
    expect(await readdir(join(root.path, 'store/.staging'))).toEqual([])
  }
  const verified = await runPatiently(root.path, ['verify'])
  expect(verified.status, verified.stderr).toBe(0)
  await using store = await openStore(storeOptions(root.path))
  await expectSound(store)
  return ends
}

async function cutForAWhile(mirror: BadMirror): Promise<void> {
  await delay(Math.random() * MOMENTS)
  mirror.cut()
  await delay(Math.random() * CUT)
  await mirror.restore()
}
