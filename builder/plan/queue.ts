import type { StorePath } from '../../store/index.js'
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
  const ready: Record<Work, StorePath[]> = { build: [], fetch: [], unpack: [] }

  const enqueue = (path: StorePath): void => {
    const queue = ready[workOf(plan.get(path)!)]
    const at = queue.findIndex(other => chains.get(other)! < chains.get(path)!)
    queue.splice(at < 0 ? queue.length : at, 0, path)
  }
  for (const [path, { needs }] of plan) if (needs.length === 0) enqueue(path)

  return {
    take: work => {
      const path = ready[work].shift()
      return path === undefined ? undefined : plan.get(path)
    },
    done: ({ lowered }) => {
      for (const dependent of dependents.get(lowered.path) ?? []) {
        const left = waitingFor.get(dependent)! - 1
        waitingFor.set(dependent, left)
        if (left === 0) enqueue(dependent)
      }
    },
  }
}
