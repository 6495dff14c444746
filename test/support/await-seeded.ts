import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { inject } from 'vitest'
import { seedingProblem } from './seeded.js'

// Before each file of tests that need the seeded store.
const file = seedingProblem(inject('seeded'))
while (!existsSync(file)) await delay(50)
const problem = readFileSync(file, 'utf8')
if (problem) throw new Error(`The seeded store cannot be built:\n${problem}`)
