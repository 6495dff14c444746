import { readFile, rename, writeFile } from 'node:fs/promises'
import { type StorePath, systemCode, writing } from '../../store/index.js'
import type { ProgramCounts } from '../sandbox/run.js'
import { logFile } from './log.js'

const FORMAT = 'counts-1'

/** Where what the tracer counted lies, beside the log. */
export const countsFile = (state: string, derivation: StorePath): string =>
  logFile(state, derivation).replace(/\.gz$/, '.counts')

/** Keeps what the tracer counted in a build; those of an earlier build stay when there is nothing to keep. */
export async function keepCounts(
  state: string,
  derivation: StorePath,
  programs: readonly ProgramCounts[],
): Promise<void> {
  if (programs.length === 0) return
  const file = countsFile(state, derivation)
  const partial = `${file}.${process.pid}`
  await writing(file, async () => {
    await writeFile(partial, `${JSON.stringify({ format: FORMAT, programs: merge(programs) })}\n`)
    await rename(partial, file)
  })
}

/** What the tracer counted in the last traced build of a derivation; `undefined` when there was none. */
export async function readCounts(
  state: string,
  derivation: StorePath,
): Promise<readonly ProgramCounts[] | undefined> {
  const text = await readFile(countsFile(state, derivation), 'utf8').catch(error => {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  const { format, programs } = JSON.parse(text) as { format: string; programs: readonly ProgramCounts[] }
  return format === FORMAT ? programs : undefined
}

/** One row for each program, by name. */
function merge(programs: readonly ProgramCounts[]): readonly ProgramCounts[] {
  const sums = new Map<string, Record<string, number>>()
  for (const { program, counts } of programs) {
    const sum = sums.get(program) ?? {}
    for (const [name, times] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + times
    sums.set(program, sum)
  }
  return [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([program, counts]) => ({ program, counts }))
}
