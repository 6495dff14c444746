import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeHeap } from '../../../builder/plan/heap.js'

test('a heap gives what it holds by its order, whenever it is asked', () => {
  const operations = fc.array(fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }))
  fc.assert(
    fc.property(operations, all => {
      const heap = makeHeap<number>((a, b) => a < b)
      const held: number[] = []
      for (const item of all) {
        if (item === undefined) expect(heap.pop()).toBe(held.shift())
        else heap.push(item)
        if (item !== undefined) held.push(item)
        held.sort((a, b) => a - b)
      }
    }),
  )
})

test('a heap compares few of its items, however many there are', () => {
  let comparisons = 0
  const heap = makeHeap<number>((a, b) => {
    comparisons++
    return a < b
  })
  const count = 2 ** 12
  for (let i = 0; i < count; i++) heap.push(i)
  for (let i = 0; i < count; i++) expect(heap.pop()).toBe(i)
  expect(comparisons).toBeLessThan(3 * count * Math.log2(count))
})
