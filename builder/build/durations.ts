import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { writing } from '../../store/index.js'
import type { Suspension } from '../sandbox/run.js'
import type { Report } from './events.js'

/** Seconds that the last builds of each package took, the newest last; packages built last come last. */
export type Durations = ReadonlyMap<string, readonly number[]>

const FORMAT = 'durations-1'

/** How many builds of a package are remembered, and how many packages. */
const BUILDS = 5
const PACKAGES = 10_000

/** Where they lie. They are an estimate for people: losing them loses nothing. */
export const durationsFile = (state: string): string => join(state, 'cache', FORMAT)

/** What a package is called in all its versions: `gcc` of `gcc-12.2.0-14`. */
export const packageOf = (name: string): string => /^(.+?)-[^A-Za-z]/.exec(name)?.[1] ?? name

/** The middle one of the last builds of the package, whatever version it had. */
export function usualOf(durations: Durations, name: string): number | undefined {
  const sorted = durations.get(packageOf(name))?.toSorted((a, b) => a - b)
  return sorted?.[Math.floor(sorted.length / 2)]
}

/** Nothing is known when there is no file that can be read, or one of another format. */
export async function readDurations(state: string): Promise<Durations> {
  try {
    const text = await readFile(durationsFile(state), 'utf8')
    const { format, packages } = JSON.parse(text) as { format: string; packages: Record<string, number[]> }
    return format === FORMAT ? new Map(Object.entries(packages)) : new Map()
  } catch {
    return new Map()
  }
}

/** Adds what was measured. Of two commands that do so at the same instant, one may be forgotten. */
export async function keepDurations(state: string, measured: ReadonlyMap<string, number>): Promise<void> {
  if (measured.size === 0) return
  const all = new Map(await readDurations(state))
  for (const [name, seconds] of measured) {
    const key = packageOf(name)
    const before = all.get(key) ?? []
    all.delete(key)
    all.set(key, [...before, Math.round(seconds * 10) / 10].slice(-BUILDS))
  }
  const packages = Object.fromEntries([...all].slice(-PACKAGES))
  const file = durationsFile(state)
  const partial = `${file}.${process.pid}`
  await writing(file, async () => {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(partial, `${JSON.stringify({ format: FORMAT, packages })}\n`)
    await rename(partial, file).catch(async error => {
      await rm(partial, { force: true })
      throw error
    })
  })
}

/** Passes events on and notes how long builds take, but for those during which the command was suspended. */
export function measure(report: Report, suspension: Suspension) {
  const measured = new Map<string, number>()
  const running = new Set<string>()
  const stop = suspension.listen(() => running.clear())
  const listen: Report = event => {
    if (event.kind === 'started' && event.work !== 'fetch') running.add(event.path)
    if (event.kind === 'finished' && running.delete(event.path)) measured.set(event.name, event.seconds)
    report(event)
  }
  return { report: listen, measured, [Symbol.dispose]: stop }
}
