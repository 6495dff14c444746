import { inject, test } from 'vitest'
import { killFetches } from '../support/kill-fetches.js'
import { killCommands } from '../support/kills.js'

const KILLS = Number(process.env.SOAK_KILLS ?? 500)

test('hundreds of kills of fetches from a bad mirror, over a network that is cut, leave nothing else', async () => {
  const ends = await killFetches(inject('seeded'), KILLS)
  process.stdout.write(`${KILLS} kills of fetches ended as ${JSON.stringify(ends)}; every object whole\n`)
})

test('hundreds of kills of commands and helpers leave whole objects and nothing else', async () => {
  const start = performance.now()
  const ends = await killCommands(inject('seeded'), KILLS)
  const minutes = ((performance.now() - start) / 60_000).toFixed(0)
  process.stdout.write(
    `${KILLS} kills in ${minutes} min, ended as ${JSON.stringify(ends)}; every object whole\n`,
  )
})
