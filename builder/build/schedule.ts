import { firstError, StoreError, type StorePath } from '../../store/index.js'
import { chainLengths, type Plan, type Step } from '../plan/plan.js'
import { Interrupted, SeveralFailed } from './errors.js'
import type { Work } from './events.js'

export interface Schedule {
  readonly plan: Plan
  readonly workOf: (step: Step) => Work
  /** How many steps of each kind of work go on at once. */
  readonly slots: Readonly<Record<Work, number>>
  readonly keepGoing: boolean
  readonly signal: AbortSignal
  /** Realises one step; the signal ends when the step is to be given up. */
  readonly run: (step: Step, signal: AbortSignal) => Promise<void>
}

/**
 * Runs the steps of a plan, each when those it needs are done, the longest chain first. The first
 * failure ends everything, or, with `keepGoing`, all that depends on it.
 */
export async function runSchedule(schedule: Schedule): Promise<void> {
  const { plan, workOf, slots, keepGoing } = schedule
  const chains = chainLengths(plan)
  const stop = new AbortController()
  const signal = AbortSignal.any([schedule.signal, stop.signal])
  const waitingFor = new Map([...plan].map(([path, { needs }]) => [path, needs.length]))
  const dependents = invert(plan)
  const ready: Record<Work, StorePath[]> = { build: [], fetch: [], unpack: [] }
  const running: Record<Work, number> = { build: 0, fetch: 0, unpack: 0 }
  const failures: StoreError[] = []

  const enqueue = (path: StorePath): void => {
    const queue = ready[workOf(plan.get(path)!)]
    const at = queue.findIndex(other => chains.get(other)! < chains.get(path)!)
    queue.splice(at < 0 ? queue.length : at, 0, path)
  }

  await new Promise<void>((resolve, reject) => {
    let bug: unknown
    const advance = (): void => {
      for (const work of ['fetch', 'unpack', 'build'] as const) {
        while (!signal.aborted && running[work] < slots[work] && ready[work].length > 0)
          start(work, ready[work].shift()!)
      }
      if (running.build + running.fetch + running.unpack > 0) return
      if (bug !== undefined) reject(bug)
      else resolve()
    }
    const start = (work: Work, path: StorePath): void => {
      running[work]++
      schedule
        .run(plan.get(path)!, signal)
        .then(
          () => {
            for (const dependent of dependents.get(path) ?? []) {
              const left = waitingFor.get(dependent)! - 1
              waitingFor.set(dependent, left)
              if (left === 0) enqueue(dependent)
            }
          },
          wrapped => {
            const error = firstError(wrapped)
            // What is given up because another step failed is no failure of its own.
            const givenUp = signal.aborted && (error instanceof StoreError || error === signal.reason)
            if (!givenUp && error instanceof StoreError) failures.push(error)
            else if (!givenUp) bug ??= error
            if (!keepGoing || bug !== undefined) stop.abort()
          },
        )
        .finally(() => {
          running[work]--
          advance()
        })
    }
    for (const [path, { needs }] of plan) if (needs.length === 0) enqueue(path)
    advance()
  })
  if (schedule.signal.aborted) throw new Interrupted()
  if (failures.length > 1) throw new SeveralFailed(failures)
  if (failures[0]) throw failures[0]
}

/** For each step, those that need it. */
function invert(plan: Plan): ReadonlyMap<StorePath, readonly StorePath[]> {
  const dependents = new Map<StorePath, StorePath[]>()
  for (const [path, { needs }] of plan) {
    for (const need of needs) {
      const list = dependents.get(need)
      if (list) list.push(path)
      else dependents.set(need, [path])
    }
  }
  return dependents
}
