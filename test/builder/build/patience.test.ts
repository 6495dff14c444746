import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { makePatience } from '../../../builder/build/patience.js'

const never = { listen: () => () => undefined }

test.each([
  [undefined, undefined],
  // More than a timer can wait.
  [10_000_000, 999_999_999_999_999],
])('a build that may take %s s, and be silent for %s, is not ended', async (timeout, maxSilentTime) => {
  using patience = makePatience({ timeout, maxSilentTime }, never)
  await delay(20)
  expect(patience.signal.aborted).toBe(false)
  expect(patience.reason()).toBeUndefined()
})

test('a build is ended when it was silent for too long, and not while it prints', async () => {
  using patience = makePatience({ timeout: undefined, maxSilentTime: 0.2 }, never)
  for (let i = 0; i < 6; i++) {
    await delay(50)
    patience.heard()
  }
  expect(patience.signal.aborted).toBe(false)
  await delay(400)
  expect(patience.reason()).toBe('printed nothing for 0.2 seconds')
})
