import { test } from 'vitest'
import { raceBuilds } from '../support/builds.js'
import { clonedStore } from '../support/cloned.js'

const store = clonedStore()
const SECONDS = Number(process.env.SOAK_SECONDS ?? 600)

test('ten minutes of builds beside collections miss no input and lose no result', async () => {
  const counts = await raceBuilds(store, SECONDS)
  process.stdout.write(`builds beside collections for ${SECONDS} s: ${JSON.stringify(counts)}\n`)
})
