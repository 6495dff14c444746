import { setTimeout as delay } from 'node:timers/promises'

/** Milliseconds before each further attempt. */
export const defaultPauses = [500, 2000, 8000]

export interface Patience {
  readonly signal?: AbortSignal | undefined
  readonly pauses?: readonly number[] | undefined
}

/**
 * The places of all lists in order, each once, then, after each pause, those that `again` has by then. A list is asked
 * for only when its turn comes.
 */
export async function* attempts(
  lists: readonly (() => readonly string[])[],
  again: Set<string>,
  { signal, pauses = defaultPauses }: Patience,
): AsyncGenerator<string> {
  const tried = new Set<string>()
  for (const list of lists)
    for (const place of list()) {
      if (!tried.has(place)) yield place
      tried.add(place)
    }
  for (const pause of pauses) {
    const round = [...again]
    again.clear()
    if (round.length > 0) await delay(pause, undefined, { ...(signal && { signal }) })
    yield* round
  }
}
