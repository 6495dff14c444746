import { expect, test } from 'vitest'
import { watchLimits } from '../../../store/gc/limits.js'

const never = async (): Promise<number> => {
  throw new Error('nobody asked for it')
}

test('without limits all there is is wanted', async () => {
  expect(await watchLimits({}, never)(1_000_000)).toBe(Number.POSITIVE_INFINITY)
})

test('maxFreed wants what is not freed yet, whatever the disk has', async () => {
  const wanted = watchLimits({ maxFreed: 100 }, never)
  expect([await wanted(0), await wanted(60), await wanted(160)]).toEqual([100, 40, -60])
})

test('the least that either limit wants is wanted', async () => {
  const limits = { maxFreed: 100, minFree: 1000 }
  expect(await watchLimits(limits, async () => 950)(0)).toBe(50)
  expect(await watchLimits(limits, async () => 0)(0)).toBe(100)
})

test('minFree ends as soon as the disk has enough', async () => {
  let free = 0
  const wanted = watchLimits({ minFree: 1000 }, async () => free)
  expect(await wanted(0)).toBe(1000)
  expect(await wanted(400)).toBe(600)
  free = 1000
  expect(await wanted(1000)).toBe(0)
})

test('the disk is not measured after every batch, though deleting frees hardly anything', async () => {
  let measured = 0
  let freed = 0
  const wanted = watchLimits({ minFree: 1000 }, async () => {
    measured++
    return freed / 1_000_000
  })
  for (; freed < 1_000_000_000; freed += 100) {
    const left = await wanted(freed)
    expect(left).toBeGreaterThan(0)
    freed += Math.min(left, 50_000)
  }
  expect(measured).toBeLessThan(25)
})
