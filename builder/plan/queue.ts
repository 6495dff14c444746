import type { StorePath } from '../../store/index.js'
import { makeHeap } from './heap.js'
import { chainLengths, invert, type Plan, type Step, type Work } from './plan.js'

/** The steps of a plan that can be done now. */
export interface Queue {
  /** Takes out the ready step of this kind on which the longest chain waits; `undefined` when none is ready. */
  take(work: Work): Step | undefined
  /** Tells that a step is done, which may make others ready. */
  done(step: Step): void
}

export function makeQueue(plan: Plan, workOf: (step: Step) => Work): Queue {
  const chains = chainLengths(plan)
  const dependents = invert(plan)
  const waitingFor = new Map([...plan].map(([path, { needs }]) => [path, needs.length]))
  const ready = { build: makeHeap(isSooner), fetch: makeHeap(isSooner), unpack: makeHeap(isSooner) }
  let turn = 0

  const enqueue = (path: StorePath): void => {
    const step = plan.get(path)!
    ready[workOf(step)].push({ step, chain: chains.get(path)!, turn: turn++ })
  }
  for (const [path, { needs }] of plan) if (needs.length === 0) enqueue(path)

  return {
    take: work => ready[work].pop()?.step,
    done: ({ lowered }) => {
      for (const dependent of dependents.get(lowered.path) ?? []) {
        const left = waitingFor.get(dependent)! - 1
        waitingFor.set(dependent, left)
        if (left === 0) enqueue(dependent)
      }
    },
  }
}

/** A step that can be done: the length of the longest chain that waits for it, and since when it is ready. */
interface Ready {
  readonly step: Step
  readonly chain: number
  readonly turn: number
}

const isSooner = (a: Ready, b: Ready): boolean => (a.chain === b.chain ? a.turn < b.turn : a.chain > b.chain)
