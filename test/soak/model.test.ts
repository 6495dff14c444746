import { test } from 'vitest'
import { checkModel } from '../support/model.js'
import { bundle } from '../support/processes.js'

const SEQUENCES = Number(process.env.SOAK_SEQUENCES ?? 2000)

test('two thousand random sequences by up to four processes, some killed, leave what the model says', async () => {
  const counts = await checkModel(await bundle('model-worker'), SEQUENCES)
  process.stdout.write(`model: ${JSON.stringify(counts)}; every rooted closure whole\n`)
})
