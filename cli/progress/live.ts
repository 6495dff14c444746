import type { BuildEvent, Work } from '../../builder/index.js'
import { formatSeconds, formatSize, paint, type Terminal } from '../terminal.js'
import { count, describeEvent } from './lines.js'
import type { Progress } from './progress.js'

interface Running {
  readonly name: string
  readonly work: Work
  readonly since: number
  phase: string
  bytes: number
  total: number | undefined
}

/** Milliseconds between two drawings. */
const INTERVAL = 100

/** What goes on now, redrawn in place below the lines of what is done. */
export function showLive(terminal: Terminal): Progress {
  const { stream } = terminal
  const running = new Map<string, Running>()
  const totals = { builds: 0, fetches: 0, built: 0, fetched: 0 }
  let drawn = 0

  const erase = (): void => {
    if (drawn > 0) stream.write(`\u001b[${drawn}F\u001b[J`)
    drawn = 0
  }
  const draw = (): void => {
    const width = stream.columns || 80
    const rows = Math.max(1, (stream.rows || 24) - 2)
    const lines = [...running.values()].slice(0, rows).map(entry => describeRunning(entry, terminal, width))
    const summary = `${totals.built}/${count(totals.builds, 'build')}, ${totals.fetched}/${count(totals.fetches, 'fetch')}`
    const all =
      running.size === 0 ? [] : [...lines, paint(terminal, 'dim', summary.slice(0, Math.max(0, width - 1)))]
    // One write, so that no half-drawn screen is seen.
    stream.write((drawn > 0 ? `\u001b[${drawn}F\u001b[J` : '') + all.map(line => `${line}\n`).join(''))
    drawn = all.length
  }
  const timer = setInterval(draw, INTERVAL).unref()

  return {
    report: event => {
      update(event, running, totals)
      const line = isNews(event) ? describeEvent(event, terminal, 'normal') : undefined
      if (line === undefined) return
      erase()
      stream.write(`${line}\n`)
    },
    end: () => {
      clearInterval(timer)
      erase()
    },
  }
}

/** What stays on the screen: not what the drawing shows anyway, and not the many quick fetches. */
const isNews = (event: BuildEvent): boolean =>
  event.kind === 'finished'
    ? event.work !== 'fetch' || event.seconds >= 1
    : event.kind !== 'started' && event.kind !== 'planned'

function update(
  event: BuildEvent,
  running: Map<string, Running>,
  totals: { builds: number; fetches: number; built: number; fetched: number },
): void {
  if (event.kind === 'planned') {
    totals.builds += event.builds
    totals.fetches += event.fetches
  } else if (event.kind === 'started') {
    const { path, name, work } = event
    running.set(path, { name, work, since: performance.now(), phase: '', bytes: 0, total: undefined })
  } else if (event.kind === 'finished' || event.kind === 'failed') {
    running.delete(event.path)
    if (event.kind === 'finished') totals[event.work === 'fetch' ? 'fetched' : 'built']++
  } else if (event.kind === 'phase') {
    const entry = running.get(event.path)
    if (entry) entry.phase = event.phase
  } else if (event.kind === 'progress') {
    const entry = running.get(event.path)
    if (entry) Object.assign(entry, { bytes: event.bytes, total: event.total })
  }
}

/** One line, cut to the width of the terminal before it is coloured. */
function describeRunning(
  { name, work, since, phase, bytes, total }: Running,
  terminal: Terminal,
  width: number,
): string {
  const seconds = (performance.now() - since) / 1000
  const sign = work === 'fetch' ? '↓' : '▶'
  const speed = seconds > 0.5 ? ` ${formatSize(bytes / seconds)}/s` : ''
  const share = total === undefined ? formatSize(bytes) : `${formatSize(bytes)} of ${formatSize(total)}`
  const detail = work === 'fetch' ? `${share}${speed}` : phase
  const text = `${name}  ${detail}  ${formatSeconds(seconds)}`.slice(0, Math.max(0, width - 3))
  if (width < 4) return ''
  return `${paint(terminal, work === 'fetch' ? 'blue' : 'yellow', sign)} ${text}`
}
