import { setImmediate as turn } from 'node:timers/promises'

/** How far a step of a verification is; counts are missing where there is nothing to count. */
export interface VerifyProgress {
  readonly step: string
  /** Objects, or entries of a folder. */
  readonly checked?: number
  readonly total?: number
}

/** To be awaited before each thing that a step looks at, with how many were looked at before. */
export type Pace = (checked: number, total: number) => Promise<void>

/** Milliseconds for which synchronous work may keep signals, and what shows the progress, from their turn. */
const TURN_AFTER = 50

/** Reports how far `step` is, and ends it when `signal` does. */
export function makePace(
  step: string,
  signal: AbortSignal,
  report: (progress: VerifyProgress) => void,
): Pace {
  let last = performance.now()
  return async (checked, total) => {
    report({ step, checked, total })
    if (performance.now() - last < TURN_AFTER) return
    await turn()
    last = performance.now()
    signal.throwIfAborted()
  }
}
