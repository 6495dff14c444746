import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sortDepthFirst } from '../../store/depth-first.js'

/** The same with the call stack. */
function recursively(roots: readonly number[], next: (from: number) => readonly number[]): number[] {
  const seen = new Set<number>()
  const visit = (item: number): number[] => {
    if (seen.has(item)) return []
    seen.add(item)
    return [...next(item).flatMap(visit), item]
  }
  return roots.flatMap(visit)
}

test('everything comes after what it leads to, in the order in which calls would find it', () => {
  const graph = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(graph, fc.array(fc.nat(), { maxLength: 3 }), (edges, roots) => {
      const within = (numbers: readonly number[]): number[] => numbers.map(n => n % edges.length)
      const next = (from: number): number[] => within(edges[from]!)
      expect(sortDepthFirst(within(roots), next)).toEqual(recursively(within(roots), next))
    }),
  )
})

test('a chain may be longer than the call stack', () => {
  const sorted = sortDepthFirst([100_000], i => (i > 0 ? [i - 1] : []))
  expect(sorted).toEqual(Array.from({ length: 100_001 }, (_, i) => i))
})
