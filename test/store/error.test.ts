import { expect, test } from 'vitest'
import { firstError } from '../../store/index.js'

/** A resource whose release fails. */
const failing = (text: string): AsyncDisposable => ({
  [Symbol.asyncDispose]: async () => {
    throw new Error(text)
  },
})

test('firstError finds what failed before the cleaning up did', async () => {
  const cause = new Error('cause')
  const work = async () => {
    await using _outer = failing('outer')
    await using _inner = failing('inner')
    throw cause
  }
  const caught: unknown = await work().catch(error => error)
  expect(caught).not.toBe(cause)
  expect(firstError(caught)).toBe(cause)
  expect(firstError(cause)).toBe(cause)
  expect(firstError('text')).toBe('text')
})
