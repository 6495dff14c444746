import { formatSize } from '../terminal.js'
import { type Status, speedOf, type View } from './state.js'

/** How many steps there are of each kind, and what became of them. */
export interface Totals {
  readonly builds: Readonly<Record<Status, number>> & { readonly all: number }
  readonly fetches: Readonly<Record<Status, number>> & { readonly all: number }
  /** Of all downloads together; what came out of a cache does not count. */
  readonly bytes: number
  readonly speed: number
}

const none = { waiting: 0, blocked: 0, running: 0, done: 0, failed: 0, stopped: 0, lost: 0, all: 0 }

export function computeTotals(view: View, now: number): Totals {
  const builds = { ...none }
  const fetches = { ...none }
  let bytes = 0
  let speed = 0
  for (const step of view.steps.values()) {
    const counts = step.work === 'fetch' ? fetches : builds
    counts[step.status]++
    counts.all++
    bytes += step.bytes
    if (step.work === 'fetch' && step.status === 'running') speed += speedOf(step, now)
  }
  return { builds, fetches, bytes, speed }
}

/** `1 fetch`, `2 fetches`. */
export const count = (n: number, noun: string): string =>
  `${n} ${noun}${n === 1 ? '' : noun.endsWith('h') ? 'es' : 's'}`

/** `2 builds and 1 fetch`. */
export const countWork = (builds: number, fetches: number): string =>
  [builds > 0 ? count(builds, 'build') : '', fetches > 0 ? count(fetches, 'fetch') : '']
    .filter(Boolean)
    .join(' and ')

/** What came of a realisation, in one sentence; `undefined` when one line about its only step has told it. */
export function summarise({ builds, fetches, bytes }: Totals, time: string): string | undefined {
  if (builds.all + fetches.all < 2) return undefined
  const loaded = bytes > 0 ? ` (${formatSize(bytes)} downloaded)` : ''
  const done = `${countWork(builds.done, fetches.done) || 'nothing'} done${loaded}`
  const rest = (['failed', 'stopped', 'lost', 'waiting'] as const).flatMap(status => {
    const n = builds[status] + fetches[status]
    return n === 0 ? [] : [`${n} ${status === 'lost' || status === 'waiting' ? 'not begun' : status}`]
  })
  return `${[done, ...merge(rest)].join(', ')}, in ${time}`
}

/** `3 not begun`, `2 not begun` as `5 not begun`. */
function merge(parts: readonly string[]): readonly string[] {
  const sums = new Map<string, number>()
  for (const part of parts) {
    const [n, ...words] = part.split(' ')
    sums.set(words.join(' '), (sums.get(words.join(' ')) ?? 0) + Number(n))
  }
  return [...sums].map(([words, n]) => `${n} ${words}`)
}
