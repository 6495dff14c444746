import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BuildFailed } from '../../../builder/build/errors.js'
import { runSchedule, type Schedule } from '../../../builder/build/schedule.js'
import type { Plan, Step } from '../../../builder/plan/plan.js'
import type { StorePath } from '../../../store/index.js'

/** A plan from `name: [names it needs]`; names are used as paths. */
const planOf = (needs: Readonly<Record<string, readonly string[]>>): Plan =>
  new Map(
    Object.entries(needs).map(([name, needed]) => [
      name as StorePath,
      { lowered: { path: name, derivation: { name } }, inputs: [], needs: needed } as unknown as Step,
    ]),
  )

const fail = (name: string) =>
  new BuildFailed(name, 'failed', {
    log: 'log',
    derivation: '/store/x.drv',
    tail: [],
    found: [],
    kept: undefined,
  })

async function run(plan: Plan, options: Partial<Schedule> & { failing?: readonly string[] } = {}) {
  const order: string[] = []
  let running = 0
  let most = 0
  const result = await runSchedule({
    plan,
    workOf: () => 'build',
    slots: { build: 2, fetch: 1, unpack: 1 },
    keepGoing: false,
    signal: new AbortController().signal,
    run: async ({ lowered }, signal) => {
      most = Math.max(most, ++running)
      try {
        await delay(2)
        signal.throwIfAborted()
        if (options.failing?.includes(lowered.path)) throw fail(lowered.path)
        order.push(lowered.path)
      } finally {
        running--
      }
    },
    ...options,
  }).catch(error => error as Error)
  return { order, most, error: result }
}

describe('runSchedule', () => {
  test('runs each step once, after what it needs, within the slots', async () => {
    const graph = fc
      .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 12 })
      .map(all =>
        Object.fromEntries(
          all.map((needs, i) => [`${i}`, i === 0 ? [] : [...new Set(needs.map(n => `${n % i}`))]]),
        ),
      )
    await fc.assert(
      fc.asyncProperty(graph, async needs => {
        const { order, most, error } = await run(planOf(needs))
        expect(error).toBeUndefined()
        expect(order.toSorted()).toEqual(Object.keys(needs).toSorted())
        for (const [name, needed] of Object.entries(needs)) {
          for (const need of needed) expect(order.indexOf(need)).toBeLessThan(order.indexOf(name))
        }
        expect(most).toBeLessThanOrEqual(2)
      }),
      { numRuns: 50 },
    )
  })

  test('starts the longest chain first', async () => {
    const plan = planOf({ short: [], a: [], b: ['a'], c: ['b'] })
    expect((await run(plan, { slots: { build: 1, fetch: 1, unpack: 1 } })).order[0]).toBe('a')
  })

  test('stops at the first failure and throws it', async () => {
    const { order, error } = await run(planOf({ a: [], b: ['a'], c: ['b'] }), { failing: ['a'] })
    expect(error).toMatchObject({ failures: [{ code: 'BUILD_FAILED' }], unbuilt: ['b', 'c'] })
    expect(order).toEqual([])
  })

  test('throws a failure that nothing else depended on as it is', async () => {
    expect((await run(planOf({ a: [] }), { failing: ['a'] })).error).toMatchObject({ code: 'BUILD_FAILED' })
  })

  test('goes on with what a failure does not touch when told to', async () => {
    const plan = planOf({ a: [], b: ['a'], c: [], d: ['c'], e: [] })
    const { order, error } = await run(plan, { failing: ['a', 'e'], keepGoing: true })
    expect(error).toMatchObject({ code: 'SEVERAL_FAILED', unbuilt: ['b'] })
    expect(order.toSorted()).toEqual(['c', 'd'])
  })

  test('takes what gives up with an error of its own, as timers and processes do, for no failure', async () => {
    const wait: Schedule['run'] = async ({ lowered }, signal) => {
      if (lowered.path === 'a') await delay(10)
      if (lowered.path === 'a') throw fail('a')
      await delay(10_000, undefined, { signal })
    }
    const { error } = await run(planOf({ a: [], b: [] }), { run: wait })
    expect(error).toMatchObject({ code: 'BUILD_FAILED' })
    const controller = new AbortController()
    const interrupted = run(planOf({ b: [] }), { run: wait, signal: controller.signal })
    controller.abort()
    expect((await interrupted).error).toMatchObject({ code: 'INTERRUPTED' })
  })

  test('ends with Interrupted when the signal ends', async () => {
    const controller = new AbortController()
    const promise = run(planOf({ a: [], b: ['a'] }), { signal: controller.signal })
    controller.abort()
    expect((await promise).error).toMatchObject({ code: 'INTERRUPTED' })
  })

  test('lets our own defects through as they are', async () => {
    const { error } = await run(planOf({ a: [], b: [] }), {
      run: () => Promise.reject(new TypeError('a bug')),
    })
    expect(error).toBeInstanceOf(TypeError)
  })
})

test('a step that waits for another command lends its slot, and comes back before steps that have not begun', async () => {
  const events: string[] = []
  let other = (): void => undefined
  const held = new Promise<void>(resolve => {
    other = resolve
  })
  await runSchedule({
    plan: planOf({ waits: [], a: [], b: [], c: [] }),
    workOf: () => 'build',
    slots: { build: 1, fetch: 1, unpack: 1 },
    keepGoing: false,
    signal: new AbortController().signal,
    run: async ({ lowered }, _signal, slot) => {
      events.push(lowered.path)
      if (lowered.path === 'waits') {
        slot.leave()
        await held
        await slot.enter()
        events.push('is back')
      }
      await delay(2)
      if (lowered.path === 'a') other()
      await delay(2)
    },
  })
  expect(events).toEqual(['waits', 'a', 'is back', 'b', 'c'])
})
