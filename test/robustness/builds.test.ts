import { expect, test } from 'vitest'
import { raceBuilds } from '../support/builds.js'
import { clonedStore } from '../support/cloned.js'

const store = clonedStore()

test('half a minute of builds beside collections misses no input and loses no result', async () => {
  const counts = await raceBuilds(store, 30)
  console.log(`builds beside collections: ${JSON.stringify(counts)}`)
  expect(counts.deleted).toBeGreaterThan(0)
})
