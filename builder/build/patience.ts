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

/** A build that was suspended gets all of it anew. */
export function makePatience(
  { timeout, maxSilentTime }: Pick<BuildSettings, 'timeout' | 'maxSilentTime'>,
  suspension: Suspension,
): Patience {
  const controller = new AbortController()
  const after = (seconds: number | undefined, reason: string): NodeJS.Timeout | undefined =>
    seconds === undefined ? undefined : setTimeout(() => controller.abort(reason), seconds * 1000)
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
