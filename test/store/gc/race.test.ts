import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildAdder } from '../../support/processes.js'
import { raceCollections } from '../../support/races.js'

let adder: string
beforeAll(async () => {
  adder = await buildAdder()
})
afterAll(() => rm(adder))

test('what is used beside collections stays, and what is not is deleted', async () => {
  const { uses, deleted } = await raceCollections(adder, { seconds: 6, kill: false })
  expect(uses).toBeGreaterThan(0)
  expect(deleted).toBeGreaterThan(0)
})

test('killed collections leave whole objects', async () => {
  const { uses } = await raceCollections(adder, { seconds: 6, kill: true })
  expect(uses).toBeGreaterThan(0)
})
