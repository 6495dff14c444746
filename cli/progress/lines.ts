import type { BuildEvent } from '../../builder/index.js'
import { formatSeconds, formatSize, paint, plainText, type Terminal } from '../terminal.js'
import type { Mode, Progress } from './progress.js'
import { emptyView, update, type View } from './state.js'
import { computeTotals, count, countWork, summarise } from './totals.js'

const doing = { build: 'building', fetch: 'fetching', unpack: 'unpacking' } as const
const done = { build: 'built', fetch: 'fetched', unpack: 'unpacked' } as const

/** One line an event: for pipes, files and logs. */
export function showLines(terminal: Terminal, mode: Mode): Progress {
  let view = emptyView(0)
  return {
    report: event => {
      if (event.kind === 'planned') view = emptyView(0)
      update(view, event, 0)
      const isSummed = event.kind === 'ended' && mode !== 'quiet'
      const line = isSummed
        ? describeSummary(view, event.seconds, terminal)
        : describeEvent(event, terminal, mode)
      if (line !== undefined) terminal.stream.write(`${line}\n`)
    },
    end: async () => {},
  }
}

/** The line that tells of an event, or `undefined` when it is not worth one. */
export function describeEvent(event: BuildEvent, terminal: Terminal, mode: Mode): string | undefined {
  if (event.kind === 'warning') return `${paint(terminal, 'yellow', 'warning:')} ${plainText(event.text)}`
  if (mode === 'quiet') return undefined
  switch (event.kind) {
    case 'planned': {
      const fetches = event.steps.filter(({ work }) => work === 'fetch').length
      const builds = event.steps.length - fetches
      return event.steps.length > 1 ? `${countWork(builds, fetches)} to do` : undefined
    }
    case 'started':
      return `${doing[event.work]} ${event.name}`
    case 'waiting':
      return `waiting for another command that makes ${event.name}`
    case 'finished':
      return paint(terminal, 'green', `${done[event.work]} ${event.name} in ${formatSeconds(event.seconds)}`)
    case 'failed':
      return paint(terminal, 'red', `failed: ${event.name}`)
    case 'line':
      return mode === 'logs'
        ? `${paint(terminal, 'dim', `${event.name}>`)} ${plainText(event.line)}`
        : undefined
    case 'retrying':
      return event.seconds === undefined
        ? undefined
        : `retrying ${plainText(event.url)} in ${formatSeconds(event.seconds)}: ${plainText(event.reason)}`
    case 'collected':
      return `deleted ${count(event.objects, 'object')}, ${formatSize(event.bytes)}`
    case 'found':
    case 'stopped':
    case 'phase':
    case 'progress':
    case 'collecting':
    case 'ended':
      return undefined
  }
}

/** The line that closes a realisation. */
export function describeSummary(view: View, seconds: number, terminal: Terminal): string | undefined {
  const totals = computeTotals(view, 0)
  const text = summarise(totals, formatSeconds(seconds))
  const isDone = totals.builds.done + totals.fetches.done === totals.builds.all + totals.fetches.all
  return text === undefined ? undefined : paint(terminal, isDone ? 'green' : 'red', text)
}
