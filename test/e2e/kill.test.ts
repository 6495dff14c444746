import { inject, test } from 'vitest'
import { killCommands } from '../support/kills.js'

test('twenty kills of commands and helpers leave whole objects and nothing else', async () => {
  await killCommands(inject('seeded'), 20)
})
