import { execFileSync } from 'node:child_process'
import { lstat, readdir } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import {
  findInfo,
  hashTree,
  listValid,
  parseStorePath,
  removeGarbage,
  type Store,
} from '../../store/index.js'
import { run } from './processes.js'
import { temporaryStore } from './store.js'

/** Fails unless every valid object is whole, and, once garbage is removed, nothing else is there. */
export async function expectSound(store: Store): Promise<void> {
  const valid = await listValid(store)
  for (const path of valid) {
    const { narHash, references } = (await findInfo(store, path))!
    expect((await hashTree(store.locate(path))).narHash, path).toEqual(narHash)
    expect((await lstat(store.locate(path))).mode & 0o222, path).toBe(0)
    for (const reference of references) expect(valid).toContain(reference)
  }
  await removeGarbage(store)
  expect((await readdir(store.objects)).filter(name => name !== '.staging')).toEqual(valid)
  expect(await readdir(`${store.objects}/.staging`).catch(() => [])).toEqual([])
  expect(await readdir(`${store.state}/locks`)).toEqual([])
}

/** Lets two processes add the same things, and kills each of them at some moment; what was reported must be valid. */
export async function killAdders(
  adder: string,
  { kills, unprivileged = false }: { readonly kills: number; readonly unprivileged?: boolean },
): Promise<void> {
  await using store = await temporaryStore()
  if (unprivileged) execFileSync('chmod', ['-R', '777', store.directory])
  for (let kill = 0; kill < kills; kill += 2) {
    const adders = [0, 1].map(() => run(adder, [store.directory, 'add', `a${kill}`], { unprivileged }))
    for (const { child, line, ended } of adders) {
      const done = await line()
      await delay(Math.random() * 100)
      child.kill('SIGKILL')
      await ended
      expect((await findInfo(store, parseStorePath(done!)))?.path).toBe(done)
    }
  }
  await expectSound(store)
  expect((await listValid(store)).length).toBeGreaterThanOrEqual(kills / 2)
}
