import type { Suspension } from '../sandbox/run.js'
import type { BuildSettings } from './builder.js'

/** Watches how long a build takes, and how long it is silent. */
export interface Patience extends Disposable {
  /** Ends when there is no more of it. */
  readonly signal: AbortSignal
  /** The build has printed something. */
  heard(): void
  /** Why there is no more of it, or `undefined`. */
  reason(): string | undefined
}

/** Milliseconds, some 24 days, that a timer can wait. Whoever allows a build more does not limit it. */
const LONGEST = 2 ** 31 - 1

/** A build that was suspended gets all of it anew. */
export function makePatience(
  { timeout, maxSilentTime }: Pick<BuildSettings, 'timeout' | 'maxSilentTime'>,
  suspension: Suspension,
): Patience {
  const controller = new AbortController()
  const after = (seconds: number | undefined, reason: string): NodeJS.Timeout | undefined =>
    seconds === undefined || seconds * 1000 > LONGEST
      ? undefined
      : setTimeout(() => controller.abort(reason), seconds * 1000)
  const whole = after(timeout, `took longer than ${timeout} seconds`)
  const silent = after(maxSilentTime, `printed nothing for ${maxSilentTime} seconds`)
  const stopListening = suspension.listen(() => {
    whole?.refresh()
    silent?.refresh()
  })
  return {
    signal: controller.signal,
    heard: () => void silent?.refresh(),
    reason: () => (controller.signal.aborted ? controller.signal.reason : undefined),
    [Symbol.dispose]: () => {
      clearTimeout(whole)
      clearTimeout(silent)
      stopListening()
    },
  }
}
