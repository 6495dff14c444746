import { firstError, isAbort, StoreError } from '../../store/index.js'
import { dependentsOf, type Plan, type Step, type Work } from '../plan/plan.js'
import { makeQueue, type Queue } from '../plan/queue.js'
import { Interrupted, SeveralFailed } from './errors.js'

export interface Schedule {
  readonly plan: Plan
  readonly workOf: (step: Step) => Work
  /** How many steps of each kind of work go on at once. */
  readonly slots: Readonly<Record<Work, number>>
  readonly keepGoing: boolean
  readonly signal: AbortSignal
  /** Realises one step; the signal ends when the step is to be given up. */
  readonly run: (step: Step, signal: AbortSignal, slot: Slot) => Promise<void>
}

/** The place that a step has while it works. One that waits for another command lends it to others. */
export interface Slot {
  readonly isHeld: () => boolean
  leave(): void
  /** Comes back, once there is a place, before any step that has not begun; nothing happens to one that stayed. */
  enter(): Promise<void>
}

const works = ['fetch', 'unpack', 'build'] as const satisfies readonly Work[]

/**
 * Runs the steps of a plan, each when those it needs are done, the longest chain first. The first
 * failure ends everything, or, with `keepGoing`, all that depends on it.
 */
export async function runSchedule({ plan, workOf, slots, keepGoing, ...schedule }: Schedule): Promise<void> {
  const stop = new AbortController()
  const signal = AbortSignal.any([schedule.signal, stop.signal])
  const queue = makeQueue(plan, workOf)
  const failures = new Map<Step, StoreError>()
  const bugs: unknown[] = []
  await drain(queue, slots, signal, async (step, slot) => {
    try {
      await schedule.run(step, signal, slot)
      queue.done(step)
    } catch (wrapped) {
      const error = firstError(wrapped)
      const isKnown = error instanceof StoreError
      // What is given up because another step failed is no failure of its own.
      if (signal.aborted && (isKnown || isAbort(error, signal))) return
      if (isKnown) failures.set(step, error)
      else bugs.push(error)
      if (!keepGoing || !isKnown) stop.abort()
    }
  })
  if (bugs.length > 0) throw bugs[0]
  if (schedule.signal.aborted) throw new Interrupted()
  if (failures.size > 0) throw describeFailures(plan, failures)
}

/** Keeps the slots filled until nothing runs and nothing is ready. `work` throws nothing. */
const drain = (
  queue: Queue,
  slots: Schedule['slots'],
  signal: AbortSignal,
  work: (step: Step, slot: Slot) => Promise<void>,
): Promise<void> =>
  new Promise(resolve => {
    const running: Record<Work, number> = { build: 0, fetch: 0, unpack: 0 }
    const returning: Record<Work, (() => void)[]> = { build: [], fetch: [], unpack: [] }
    let begun = 0
    const makeSlot = (kind: Work): Slot => {
      let isHeld = true
      return {
        isHeld: () => isHeld,
        leave: () => {
          if (!isHeld) return
          isHeld = false
          running[kind]--
          advance()
        },
        enter: () =>
          new Promise(entered => {
            if (isHeld) return entered()
            returning[kind].push(() => {
              isHeld = true
              entered()
            })
            advance()
          }),
      }
    }
    const start = (kind: Work): boolean => {
      if (running[kind] >= slots[kind]) return false
      const back = returning[kind].shift()
      if (back) {
        running[kind]++
        back()
        return true
      }
      const step = signal.aborted ? undefined : queue.take(kind)
      if (!step) return false
      running[kind]++
      begun++
      const slot = makeSlot(kind)
      void work(step, slot).then(() => {
        begun--
        if (slot.isHeld()) running[kind]--
        advance()
      })
      return true
    }
    const advance = (): void => {
      for (const kind of works) while (start(kind));
      if (begun === 0) resolve()
    }
    advance()
  })

/** One failure that kept nothing else from being built is told as it is. */
function describeFailures(plan: Plan, failures: ReadonlyMap<Step, StoreError>): StoreError {
  const failed = [...failures.keys()].map(({ lowered }) => lowered.path)
  const unbuilt = dependentsOf(plan, failed).map(({ lowered }) => lowered.derivation.name)
  const [only, ...others] = failures.values()
  return others.length === 0 && unbuilt.length === 0 ? only! : new SeveralFailed([only!, ...others], unbuilt)
}
