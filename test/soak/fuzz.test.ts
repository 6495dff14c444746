import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fuzz, makeFuzzer } from '../support/traced.js'

let driver: string
beforeAll(() => {
  driver = makeFuzzer('fuzz')
})
afterAll(() => rmSync(driver, { recursive: true, force: true }))

test('10,000 random programs behave under the tracer as outside it', async () => {
  for (let first = 1000; first < 11_000; first += 1000) {
    const chunks = await Promise.all([0, 1, 2, 3].map(chunk => fuzz(driver, first + chunk * 250, 250)))
    for (const { outside, under } of chunks) {
      expect(outside).toHaveLength(251)
      expect(under.filter((line, i) => line !== outside[i])).toEqual(
        outside.filter((line, i) => line !== under[i]),
      )
    }
  }
})
