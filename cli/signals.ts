import type { Suspension } from '../builder/index.js'

/** The signals of one command, while it runs. */
export interface Signals {
  /** Ends at the first ^C, hang-up or request to end. */
  readonly signal: AbortSignal
  readonly suspension: Suspension
  /** Gives the signals back their usual meaning. */
  stop(): void
}

const ending = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * The first ending signal asks the command to clean up, the second ends it at once; its helpers die
 * with it. Before the command stops (^Z), `suspend` lets go of what others may wait for.
 */
export function onSignals(suspend: () => Promise<void>): Signals {
  const controller = new AbortController()
  const end = (): void => {
    if (controller.signal.aborted) process.exit(130)
    controller.abort()
  }
  const listeners = new Set<(isSuspended: boolean) => void>()
  const tell = (isSuspended: boolean): void => {
    for (const listener of listeners) listener(isSuspended)
  }
  let isPausing = false
  const pause = (): void => {
    // Twice before it stops is once.
    if (isPausing) return
    isPausing = true
    tell(true)
    void suspend().finally(() => {
      process.kill(process.pid, 'SIGSTOP')
      // Here the command goes on. What had come before it stopped is handled in the next turn of the event loop.
      tell(false)
      setImmediate(() =>
        setImmediate(() => {
          isPausing = false
        }),
      )
    })
  }
  for (const name of ending) process.on(name, end)
  process.on('SIGTSTP', pause)
  return {
    signal: controller.signal,
    suspension: {
      listen: listener => {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
    },
    stop: () => {
      for (const name of ending) process.off(name, end)
      process.off('SIGTSTP', pause)
    },
  }
}
