import { formatSize, plainText, type Style } from '../terminal.js'
import { describeCollection } from './keeping.js'
import { cutSpans, type Detail, fitLine, renderSpans, type Span } from './spans.js'
import { type Status, type StepState, speedOf, type View } from './state.js'
import { computeTotals, type Totals } from './totals.js'
import { chooseRows, type Row } from './tree.js'
import { displayWidth } from './width.js'

/** The terminal as far as a drawing depends on it. */
export interface Canvas {
  readonly columns: number
  readonly rows: number
  readonly colour: boolean
  /** It shows more than ASCII. */
  readonly unicode: boolean
}

const unicode = {
  running: '▶',
  failed: '✗',
  waiting: '·',
  fetch: '↓',
  more: '├─ ',
  last: '└─ ',
  pass: '│  ',
  rest: '…',
}
const ascii = {
  running: '>',
  failed: 'x',
  waiting: '.',
  fetch: 'v',
  more: '|- ',
  last: '`- ',
  pass: '|  ',
  rest: '...',
}

const styles: Readonly<Record<Status, Style>> = {
  waiting: 'dim',
  blocked: 'dim',
  running: 'yellow',
  done: 'green',
  failed: 'red',
  stopped: 'dim',
  lost: 'dim',
}

/** Columns below which a tree has no room to branch. */
const NARROW = 40

/**
 * The live view: a tree of builds, the downloads, the totals. No line is wider than the canvas, and there are fewer
 * of them than it has rows; much of the screen is left to what was said before.
 */
export function drawFrame(view: View, now: number, canvas: Canvas): readonly string[] {
  const { columns, rows, colour } = canvas
  const width = Math.max(0, columns - 1)
  const most = Math.max(0, rows - 2)
  const collection = (view.collection ? describeCollection(view.collection).split('\n') : [])
    .slice(0, most)
    .map((text): readonly Span[] => [{ text, style: 'yellow' }])
  const room = Math.min(most, Math.max(6, Math.floor(rows * 0.6))) - collection.length
  const downloads = [...view.steps.values()].filter(
    ({ work, status }) => work === 'fetch' && status !== 'done' && status !== 'waiting' && status !== 'lost',
  )
  const listed = limit(downloads, Math.max(1, Math.floor(room / 3)), step =>
    describeDownload(step, now, canvas, width),
  )
  const levels = columns < NARROW ? 1 : Math.floor(columns / 12)
  const branches = chooseRows(view, { rows: Math.max(0, room - listed.length), levels })
  const cells = branches.map(row => headOf(row, canvas))
  const column = Math.min(
    Math.floor(width * 0.45),
    Math.max(0, ...cells.map(cell => displayWidth(cell.map(({ text }) => text).join('')))),
  )
  const tree = limit(branches, Math.max(0, room - listed.length), (row, i) =>
    fitLine(pad(cells[i]!, columns < NARROW ? 0 : column), detailsOf(row.step, view, now), width),
  )
  const all = [...[...tree, ...listed].slice(0, most - collection.length), ...collection]
  const lines = rows < 2 ? [] : [...all, totalsLine(computeTotals(view, now), now - view.started, width)]
  return lines.map(line => renderSpans(cutSpans(line, width), colour))

  /** At most `most` lines, the last one saying how much is missing. */
  function limit<T>(
    items: readonly T[],
    most: number,
    describe: (item: T, i: number) => readonly Span[],
  ): (readonly Span[])[] {
    if (items.length <= most) return items.map(describe)
    if (most < 1) return []
    const { rest } = glyphs(canvas)
    const more: Span = { text: `${rest} and ${items.length - most + 1} more`, style: 'dim' }
    return [...items.slice(0, most - 1).map(describe), [more]]
  }
}

const glyphs = (canvas: Canvas): typeof unicode => (canvas.unicode ? unicode : ascii)

/** The branches that lead to a step, its sign and its name. */
function headOf({ step, levels }: Row, canvas: Canvas): readonly Span[] {
  const { more, last, pass, failed, running, waiting } = glyphs(canvas)
  const lines = levels.map((goesOn, i) => {
    if (i === levels.length - 1) return goesOn ? more : last
    return goesOn ? pass : '   '
  })
  const sign = step.status === 'running' ? running : step.status === 'failed' ? failed : waiting
  const style = styles[step.status]
  const name: Span =
    step.status === 'running' ? { text: step.name, style: 'bold' } : { text: step.name, style }
  return [{ text: lines.join(''), style: 'dim' }, { text: `${sign} `, style }, name]
}

function pad(head: readonly Span[], width: number): readonly Span[] {
  const taken = head.reduce((sum, { text }) => sum + displayWidth(text), 0)
  return taken < width ? [...head, { text: ' '.repeat(width - taken) }] : head
}

/** Why nothing goes on here. */
const describeStatus = ({ status }: StepState): readonly Detail[] => [
  { text: status === 'blocked' ? 'another command makes it' : status, style: styles[status], rank: 0 },
]

/** What goes on, how long, how long it takes usually, and what it printed last. */
function detailsOf(step: StepState, view: View, now: number): readonly Detail[] {
  if (step.status === 'waiting') {
    const open = step.needs.filter(path => view.steps.get(path)?.status !== 'done').length
    const waits = open > 0 ? `waits for ${open}` : 'waits for its turn'
    return [{ text: waits, style: 'dim', rank: 0 }]
  }
  if (step.status !== 'running') return describeStatus(step)
  return [
    ...(step.phase ? [{ text: step.phase, rank: 1 }] : []),
    { text: formatElapsed(now - step.since), rank: 0 },
    ...(step.usual
      ? [{ text: `of about ${formatElapsed(step.usual)}`, style: 'dim' as const, rank: 2 }]
      : []),
    { text: plainText(step.line).replace(/\s+/g, ' ').trim(), style: 'dim', rank: 3 },
  ]
}

function describeDownload(step: StepState, now: number, canvas: Canvas, width: number): readonly Span[] {
  const { fetch } = glyphs(canvas)
  const { bytes, total, name, status, line } = step
  const speed = speedOf(step, now)
  const sizes = total === undefined ? formatSize(bytes) : `${formatSize(bytes)} of ${formatSize(total)}`
  const head: readonly Span[] = [{ text: `${fetch} `, style: 'blue' }, { text: name }]
  if (status !== 'running') return fitLine(head, describeStatus(step), width)
  return fitLine(
    head,
    [
      { text: bytes > 0 ? sizes : line === '' ? 'asking' : 'retrying', rank: 0 },
      { text: bytes > 0 ? `${formatSize(speed)}/s` : '', rank: 1 },
      { text: formatElapsed(now - step.since), style: 'dim', rank: 2 },
      { text: plainText(line), style: 'yellow', rank: 3 },
    ],
    width,
  )
}

/** The widest of several ways to say it that fits. */
function totalsLine(
  { builds, fetches, bytes, speed }: Totals,
  seconds: number,
  width: number,
): readonly Span[] {
  const waiting = builds.waiting + builds.blocked
  const lost = builds.lost + fetches.lost
  const failed = builds.failed + fetches.failed
  const failures: readonly Span[] = failed > 0 ? [{ text: `, ${failed} failed`, style: 'red' }] : []
  const built = builds.all > 0 ? `${builds.done}/${builds.all} built` : ''
  const fetched = fetches.all > 0 ? `${fetches.done}/${fetches.all} fetched` : ''
  const both = [built, fetched].filter(Boolean).join(', ')
  const going = [
    builds.running > 0 ? `${builds.running} running` : '',
    waiting > 0 ? `${waiting} waiting` : '',
    lost > 0 ? `${lost} lost` : '',
  ].filter(Boolean)
  const rate = speed > 0 ? `${formatSize(speed)}/s` : ''
  const loaded = bytes > 0 ? ` (${[formatSize(bytes), rate].filter(Boolean).join(', ')})` : ''
  const time = formatElapsed(seconds)
  const bold = (text: string): Span => ({ text, style: 'bold' })
  const full = [[built, ...going].filter(Boolean).join(', '), fetched && `${fetched}${loaded}`]
  const ways: readonly (readonly Span[])[] = [
    [bold(full.filter(Boolean).join(' | ')), ...failures, bold(` | ${time}`)],
    [bold(both), ...failures, bold(`, ${time}`)],
    [bold(`${builds.done + fetches.done}/${builds.all + fetches.all}`), ...failures, bold(`, ${time}`)],
    [bold(`${builds.done + fetches.done}/${builds.all + fetches.all}`)],
  ]
  const fits = (spans: readonly Span[]): boolean =>
    spans.reduce((sum, { text }) => sum + displayWidth(text), 0) <= width
  return ways.find(fits) ?? ways.at(-1)!
}

/** Tenths only as long as they say something: `8.4s`, `42s`, `1m23s`, `1h02m`. */
export function formatElapsed(seconds: number): string {
  if (seconds < 9.95) return `${Math.max(0, seconds).toFixed(1)}s`
  const whole = Math.round(seconds)
  const two = (n: number): string => String(n).padStart(2, '0')
  if (whole < 60) return `${whole}s`
  if (whole < 3600) return `${Math.floor(whole / 60)}m${two(whole % 60)}s`
  return `${Math.floor(whole / 3600)}h${two(Math.floor((whole % 3600) / 60))}m`
}
