import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { openStore } from '../../store/index.js'
import { temporaryRoot } from './command.js'
import { expectSound } from './crashes.js'
import { expectNoMount, findChild } from './leftovers.js'
import { expectPair, runPatiently, writePair } from './pair.js'
import { type SlowFiles, serveSlowly } from './slow-file.js'
import { storeOptions } from './store.js'

/** Who is killed: the command, or one of the programs that work for it. */
const victims = ['store', 'keeper', 'store', 'sandbox'] as const
type Victim = (typeof victims)[number]

/** Milliseconds from the start within which most commands would be done. */
const MOMENTS = 2000

/**
 * Runs builds, fetches and adds on a clone of the store `seeded` and kills something of each at some moment. After each
 * nothing may be left running or mounted; the same work must then succeed; in the end all that is valid must be whole.
 */
export async function killCommands(seeded: string, kills: number): Promise<Readonly<Record<string, number>>> {
  await using root = await temporaryRoot(seeded)
  await using files = await serveSlowly()
  const ends: Record<string, number> = {}
  const seed = Math.floor(Math.random() * 2 ** 30)
  for (let kill = 0; kill < kills; kill++) {
    const victim = victims[kill % victims.length]!
    const name = `pair-${seed}-${Math.floor(kill / 5)}`
    const args = await commands[kill % 5]!(root.path, name, { files, seeded })
    const { status, signal, stderr } = await runPatiently(root.path, args, {
      onStart: child => void killSoon(child.pid!, victim),
    })
    const end = signal ?? /error\[(\w+)\]/.exec(stderr)?.[1] ?? `exit ${status}`
    ends[end] = (ends[end] ?? 0) + 1
    expect(stderr).not.toContain('DEFECT')
    await expectNoMount(root.path)
    if (kill % 5 === 4 || kill === kills - 1) {
      await expectPair(root.path, name)
      await expectFetched(root.path, name, files)
      expect(await readdir(join(root.path, 'store/.staging'))).toEqual([])
    }
  }
  await using store = await openStore(storeOptions(root.path))
  await expectSound(store)
  return ends
}

interface Things {
  readonly files: SlowFiles
  readonly seeded: string
}

const build = async (root: string, name: string): Promise<readonly string[]> => [
  'build',
  await writePair(root, name),
]
const add = async (_root: string, name: string, { seeded }: Things): Promise<readonly string[]> => [
  'add',
  seeded,
  '--name',
  name,
]
const fetch = async (root: string, name: string, { files }: Things): Promise<readonly string[]> => [
  'build',
  await files.writeRecipe(root, `${name}-fetched`),
]

/** What is killed, one after the other. */
const commands = [build, fetch, add, build, fetch] as const

async function expectFetched(root: string, name: string, files: SlowFiles): Promise<void> {
  const fetched = `${name}-fetched`
  const { status, stdout, stderr } = await runPatiently(root, [
    'build',
    await files.writeRecipe(root, fetched),
  ])
  expect(status, stderr).toBe(0)
  expect((await readFile(join(root, stdout.trim()))).equals(files.contentOf(fetched))).toBe(true)
}

/** A helper that is not there, or not any more, is waited for a little. */
async function killSoon(command: number, victim: Victim): Promise<void> {
  await delay(Math.random() * MOMENTS)
  for (let tries = 0; tries < 50; tries++) {
    const pid = victim === 'store' ? command : await findChild(command, victim)
    if (pid !== undefined) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It ended by itself.
      }
      return
    }
    await delay(20)
  }
}
