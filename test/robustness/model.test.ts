import { expect, test } from 'vitest'
import { checkModel } from '../support/model.js'
import { bundle } from '../support/processes.js'

test('a hundred random sequences by up to four processes, some killed, leave what the model says', async () => {
  const counts = await checkModel(await bundle('model-worker'), 100)
  console.log(`model: ${JSON.stringify(counts)}`)
  expect(counts.kills).toBeGreaterThan(0)
})
