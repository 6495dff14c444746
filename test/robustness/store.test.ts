import { rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addTree, hashTree } from '../../store/index.js'
import { killAdders } from '../support/crashes.js'
import { buildAdder } from '../support/processes.js'
import { temporaryStore } from '../support/store.js'

let adder: string
beforeAll(async () => {
  adder = await buildAdder()
})
afterAll(() => rm(adder))

test('fifty kills leave whole objects, and garbage that is found', () => killAdders(adder, { kills: 50 }))

test('fifty kills of an ordinary user do, too', () => killAdders(adder, { kills: 50, unprivileged: true }))

test('a sparse file of 5 GiB is added in constant memory', async () => {
  await using store = await temporaryStore()
  const source = join(store.directory, 'sparse')
  await writeFile(source, 'start')
  await truncate(source, 5 * 2 ** 30)
  const before = process.memoryUsage().rss
  const { path, narSize, narHash } = await addTree(store, 'sparse', source)
  expect(narSize).toBe(5 * 2 ** 30 + 112)
  expect(process.memoryUsage().rss - before).toBeLessThan(300 << 20)
  expect((await hashTree(store.locate(path))).narHash).toEqual(narHash)
})
