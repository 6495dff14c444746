import { checkFields, describe, RecipeProblem } from './problem.js'

/**
 * What the tracer is to do otherwise. A class left to the `host` is no longer promised to be the same on every
 * machine; a `fraction` of 0 gives all files of the build one time to the nanosecond, for formats that store it. With
 * `tsc: 'trap'` programs that read the processor's time stamp counter see one that counts their reads and waits.
 */
export interface Tracer {
  readonly clock?: 'host'
  readonly file?: 'host'
  readonly directory?: 'host'
  readonly random?: 'host'
  readonly machine?: 'host'
  readonly usage?: 'host'
  readonly fraction?: '0'
  readonly tsc?: 'trap'
}

const values: Readonly<Record<keyof Tracer, string>> = {
  clock: 'host',
  file: 'host',
  directory: 'host',
  random: 'host',
  machine: 'host',
  usage: 'host',
  fraction: '0',
  tsc: 'trap',
}

export function checkTracer(what: string, tracer: Tracer): void {
  checkFields(
    `The tracer of ${what.charAt(0).toLowerCase()}${what.slice(1)}`,
    tracer,
    Object.keys(values) as (keyof Tracer)[],
  )
  for (const [name, value] of Object.entries(tracer)) {
    const possible = values[name as keyof Tracer]
    if (value !== possible)
      throw new RecipeProblem(
        `${what} sets "${name}" of its tracer to ${typeof value === 'string' ? `"${value}"` : describe(value)}; it can be '${possible}'`,
      )
  }
}
