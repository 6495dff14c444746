import { rm } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { cutPower } from '../support/power.js'
import { bundle } from '../support/processes.js'

test('what was valid when the power was cut is whole when it comes back', async ({ skip }) => {
  const worker = await bundle('power-worker')
  const told = await cutPower(worker, 12)
  await rm(worker)
  if (typeof told === 'string') return skip(told)
  console.log(`power: ${told} objects and roots were told of before 12 cuts; all are whole`)
  expect(told).toBeGreaterThan(0)
})
