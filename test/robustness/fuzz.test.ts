import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fuzz, makeFuzzer } from '../support/traced.js'

let driver: string
beforeAll(() => {
  driver = makeFuzzer('fuzz')
})
afterAll(() => rmSync(driver, { recursive: true, force: true }))

test('300 random programs behave under the tracer as outside it', async () => {
  const chunks = await Promise.all([0, 1, 2].map(chunk => fuzz(driver, chunk * 100, 100)))
  for (const { outside, under } of chunks) {
    expect(outside).toHaveLength(101)
    expect(
      outside
        .join('\n')
        .match(/ start-\d-\d=.*?(?= |$)/gm)
        ?.every(start => start.endsWith('=4')),
    ).toBe(true)
    expect(under.filter((line, i) => line !== outside[i])).toEqual(
      outside.filter((line, i) => line !== under[i]),
    )
  }
})
