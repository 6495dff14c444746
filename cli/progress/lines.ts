import type { BuildEvent } from '../../builder/index.js'
import { formatSeconds, paint, plainText, type Terminal } from '../terminal.js'
import type { Mode, Progress } from './progress.js'

const doing = { build: 'building', fetch: 'fetching', unpack: 'unpacking' } as const
const done = { build: 'built', fetch: 'fetched', unpack: 'unpacked' } as const

/** One line an event: for pipes, files and logs. */
export function showLines(terminal: Terminal, mode: Mode): Progress {
  return {
    report: event => {
      const line = describeEvent(event, terminal, mode)
      if (line !== undefined) terminal.stream.write(`${line}\n`)
    },
    end: () => {},
  }
}

/** The line that tells of an event, or `undefined` when it is not worth one. */
export function describeEvent(event: BuildEvent, terminal: Terminal, mode: Mode): string | undefined {
  if (event.kind === 'warning') return `${paint(terminal, 'yellow', 'warning:')} ${plainText(event.text)}`
  if (mode === 'quiet') return undefined
  switch (event.kind) {
    case 'planned':
      return event.builds + event.fetches > 1 ? `${describePlan(event)} to do` : undefined
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
    case 'phase':
    case 'progress':
      return undefined
  }
}

const describePlan = ({ builds, fetches }: { builds: number; fetches: number }): string =>
  [builds > 0 ? count(builds, 'build') : '', fetches > 0 ? count(fetches, 'fetch') : '']
    .filter(Boolean)
    .join(' and ')

/** `1 fetch`, `2 fetches`. */
export const count = (n: number, noun: string): string =>
  `${n} ${noun}${n === 1 ? '' : noun.endsWith('h') ? 'es' : 's'}`
