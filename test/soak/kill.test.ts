import { inject, test } from 'vitest'
import { killCommands } from '../support/kills.js'

const KILLS = Number(process.env.SOAK_KILLS ?? 500)

test('hundreds of kills of commands and helpers leave whole objects and nothing else', async () => {
  const start = performance.now()
  const ends = await killCommands(inject('seeded'), KILLS)
  const minutes = ((performance.now() - start) / 60_000).toFixed(0)
  process.stdout.write(
    `${KILLS} kills in ${minutes} min, ended as ${JSON.stringify(ends)}; every object whole\n`,
  )
})
