import { readdir, rm } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { collect } from '../../store/index.js'
import { anyPath } from '../support/objects.js'
import { buildAdder } from '../support/processes.js'
import { raceCollections } from '../support/races.js'
import { aRecord, register } from '../support/records.js'
import { temporaryStore } from '../support/store.js'

let adder: string
beforeAll(async () => {
  adder = await buildAdder()
})
afterAll(() => rm(adder))

test('a minute of adding, using and collecting, with collections killed, loses nothing', async () => {
  const counts = await raceCollections(adder, { seconds: 60, kill: true })
  console.log(`race: ${JSON.stringify(counts)}`)
  expect(counts.deleted).toBeGreaterThan(0)
})

test('a hub of 20,000 objects is collected in linear time', async () => {
  const seconds = []
  for (const count of [5000, 20_000]) {
    await using store = await temporaryStore()
    const hub = anyPath('hub')
    const leaves = Array.from({ length: count }, (_, i) => anyPath(`leaf-${i}`))
    await register(store, [aRecord(hub), ...leaves.map(leaf => aRecord(leaf, [hub]))])
    const started = performance.now()
    const { signal } = new AbortController()
    const options = { keepDerivers: true, keepOutputs: false, signal, report: () => {} }
    expect(await collect(store, options)).toMatchObject({ objects: count + 1 })
    expect(await readdir(store.objects, { recursive: true })).toEqual(['.staging'])
    seconds.push((performance.now() - started) / 1000)
  }
  console.log(`5,000 and 20,000 objects collected in ${seconds.map(s => s.toFixed(1)).join(' and ')} s`)
  expect(seconds[1]! / seconds[0]!).toBeLessThan(10)
})
