import { expect, test } from 'vitest'
import { findCycle } from '../../../builder/lower/evaluate.js'

test('a cycle of imports is given from its first file, and what has none is told from it', () => {
  const tree = { top: ['left', 'right'], left: ['leaf'], right: ['leaf'], leaf: [] }
  expect(findCycle(new Map(Object.entries(tree)))).toBeUndefined()
  expect(findCycle(new Map(Object.entries({ ...tree, leaf: ['right'] })))).toEqual(['leaf', 'right', 'leaf'])
})

test('a cycle of imports is found at the end of a chain that is longer than the call stack', () => {
  const count = 20_000
  const chain = (last: readonly string[]) =>
    new Map(Array.from({ length: count }, (_, i) => [`${i}`, i + 1 < count ? [`${i + 1}`] : last] as const))
  expect(findCycle(chain([]))).toBeUndefined()
  expect(findCycle(chain([`${count - 2}`]))).toEqual([`${count - 2}`, `${count - 1}`, `${count - 2}`])
})
