import { expect, test } from 'vitest'
import type { Plan, Step } from '../../../builder/plan/plan.js'
import { makeQueue } from '../../../builder/plan/queue.js'
import type { StorePath } from '../../../store/index.js'

const step = (path: string, needs: readonly string[]): Step =>
  ({ lowered: { path }, inputs: [], needs }) as unknown as Step

const planOf = (needs: Readonly<Record<string, readonly string[]>>): Plan =>
  new Map(Object.entries(needs).map(([path, needed]) => [path as StorePath, step(path, needed)]))

test('a queue gives the step on which the longest chain waits, and of equal ones the first that was ready', () => {
  const queue = makeQueue(planOf({ x: [], y: [], a: [], b: ['a'], c: ['b'], z: [] }), () => 'build')
  const order: string[] = []
  for (let next = queue.take('build'); next; next = queue.take('build')) {
    order.push(next.lowered.path)
    queue.done(next)
  }
  expect(order).toEqual(['a', 'b', 'x', 'y', 'z', 'c'])
})

test('a queue keeps the kinds of work apart', () => {
  const queue = makeQueue(planOf({ source: [], it: ['source'] }), ({ needs }) =>
    needs.length > 0 ? 'build' : 'fetch',
  )
  expect(queue.take('build')).toBeUndefined()
  queue.done(queue.take('fetch')!)
  expect(queue.take('build')?.lowered.path).toBe('it')
})
