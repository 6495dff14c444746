import { setTimeout as delay } from 'node:timers/promises'
import type { UrlProblem } from './problem.js'

/** Milliseconds before each further attempt. */
export const defaultPauses = [500, 2000, 8000]

/** So many further attempts are worth it where nobody answers: whoever is offline wants to know soon. */
const UNREACHABLE_ATTEMPTS = 2

/** Why and how long nothing is asked of a URL before it is asked again. */
export interface Pause {
  readonly url: string
  readonly reason: string
  readonly seconds: number
}

export interface Patience {
  readonly signal?: AbortSignal | undefined
  readonly pauses?: readonly number[] | undefined
  /** Told before each pause; of several URLs that are asked again then, it names the first. */
  readonly onPause?: ((pause: Pause) => void) | undefined
}

/**
 * The places of all lists in order, each once, then, after each pause, those whose problem may have passed. A list is
 * asked for only when its turn comes. The caller notes in `problems` what each place failed with.
 */
export async function* attempts(
  lists: readonly (() => readonly string[])[],
  problems: ReadonlyMap<string, UrlProblem>,
  { signal, pauses = defaultPauses, onPause }: Patience,
): AsyncGenerator<string> {
  const tried = new Set<string>()
  for (const list of lists)
    for (const place of list()) {
      if (!tried.has(place)) yield place
      tried.add(place)
    }
  for (const [i, pause] of pauses.entries()) {
    const again = [...problems].filter(
      ([, { passing, unreachable }]) => passing && (!unreachable || i < UNREACHABLE_ATTEMPTS),
    )
    const first = again[0]
    if (!first) return
    onPause?.({ url: first[0], reason: first[1].message, seconds: pause / 1000 })
    await delay(pause, undefined, { ...(signal && { signal }) })
    yield* again.map(([place]) => place)
  }
}
