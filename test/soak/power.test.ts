import { rm } from 'node:fs/promises'
import { test } from 'vitest'
import { cutPower } from '../support/power.js'
import { bundle } from '../support/processes.js'

const CUTS = Number(process.env.SOAK_CUTS ?? 300)

test('after hundreds of power cuts what was valid before each is whole', async ({ skip }) => {
  const worker = await bundle('power-worker')
  const told = await cutPower(worker, CUTS)
  await rm(worker)
  if (typeof told === 'string') return skip(told)
  process.stdout.write(`power: ${told} objects and roots told of before ${CUTS} cuts; all whole\n`)
})
