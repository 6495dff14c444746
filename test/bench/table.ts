import type { Result } from './measure.js'

const headings = ['bench', 'variant', 'median', 'from - to', 'ratio', 'goal', 'memory']

/** The results as a Markdown table; a ratio says how many times as long as a variant the first one took. */
export function formatTable(results: readonly Result[]): string {
  const rows = results.flatMap(({ bench, measured, missing }) => [
    ...measured.map(({ variant, median, least, most, peak, goal }, i) => [
      i === 0 ? bench : '',
      variant,
      formatTime(median),
      `${formatTime(least)} - ${formatTime(most)}`,
      i === 0 ? '' : (measured[0]!.median / median).toFixed(2),
      goal === undefined ? '' : formatGoal(measured[0]!.median / median, goal),
      peak === 0 ? '' : `${Math.round(peak / 1e6)} MB`,
    ]),
    ...missing.map(({ variant }, i) => [
      i + measured.length === 0 ? bench : '',
      variant,
      'not measured',
      ...['', '', '', ''],
    ]),
  ])
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map(row => row[column]!.length)),
  )
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`
  const rule = line(widths.map(width => '-'.repeat(width)))
  const why = results.flatMap(({ bench, missing }) =>
    missing.map(({ variant, why }) => `${bench}, ${variant}: not measured, ${why}`),
  )
  return [line(headings), rule, ...rows.map(line), ...(why.length > 0 ? ['', ...why] : [])].join('\n')
}

/** What was to be reached, and by how much it was missed. */
const formatGoal = (ratio: number, goal: number): string =>
  ratio <= goal ? `${goal}` : `${goal}, missed by ${Math.round((ratio / goal - 1) * 100)} %`

const formatTime = (milliseconds: number): string =>
  milliseconds < 1000 ? `${milliseconds.toFixed(0)} ms` : `${(milliseconds / 1000).toFixed(2)} s`
