import type { Result } from './measure.js'

const headings = ['bench', 'variant', 'median', 'from - to', 'ratio', 'goal', 'memory', 'memory goal']

/** The results as a Markdown table; a ratio says how many times as long as a variant the first one took. */
export function formatTable(results: readonly Result[]): string {
  const rows = results.flatMap(({ bench, measured, missing }) => [
    ...measured.map(({ variant, median, least, most, peak, goal, memoryGoal }, i) => [
      i === 0 ? bench : '',
      variant,
      formatTime(median),
      `${formatTime(least)} - ${formatTime(most)}`,
      i === 0 ? '' : (measured[0]!.median / median).toFixed(2),
      goal === undefined ? '' : formatGoal(measured[0]!.median / median, goal, String),
      peak === 0 ? '' : formatMemory(peak),
      memoryGoal === undefined ? '' : formatGoal(peak, memoryGoal, formatMemory),
    ]),
    ...missing.map(({ variant }, i) => [
      i + measured.length === 0 ? bench : '',
      variant,
      'not measured',
      ...['', '', '', '', ''],
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
const formatGoal = (value: number, goal: number, format: (goal: number) => string): string =>
  value <= goal ? format(goal) : `${format(goal)}, missed by ${Math.round((value / goal - 1) * 100)} %`

const formatMemory = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`

const formatTime = (milliseconds: number): string =>
  milliseconds < 1000 ? `${milliseconds.toFixed(0)} ms` : `${(milliseconds / 1000).toFixed(2)} s`
