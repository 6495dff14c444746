import type { Bench, MeasuredVariant, Workbench } from './bench.js'

/** What the runs of one variant gave; times in milliseconds, memory in bytes. */
export interface Measured {
  readonly variant: string
  readonly median: number
  readonly least: number
  readonly most: number
  readonly peak: number
  readonly goal: number | undefined
  readonly memoryGoal: number | undefined
}

export interface Result {
  readonly bench: string
  readonly question: string
  readonly measured: readonly Measured[]
  readonly missing: readonly { readonly variant: string; readonly why: string }[]
}

/** Runs the variants in turn, so that what disturbs the machine disturbs all of them. */
export async function runBench(bench: Bench, workbench: Workbench, runs: number): Promise<Result> {
  const variants = await bench.prepare(workbench)
  const present = variants.filter((variant): variant is MeasuredVariant => 'run' in variant)
  const samples = new Map(present.map(variant => [variant, { times: [] as number[], peak: 0 }]))
  for (let run = 0; run < runs; run++) {
    for (const [variant, sample] of samples) {
      await variant.reset?.()
      const start = performance.now()
      const peak = await variant.run()
      sample.times.push(performance.now() - start)
      sample.peak = Math.max(sample.peak, peak)
    }
  }
  return {
    bench: bench.name,
    question: bench.question,
    measured: [...samples].map(([variant, sample]) => summarise(variant, sample)),
    missing: variants.flatMap(variant =>
      'missing' in variant ? [{ variant: variant.name, why: variant.missing }] : [],
    ),
  }
}

function summarise(
  { name, goal, memoryGoal }: MeasuredVariant,
  { times, peak }: { times: readonly number[]; peak: number },
): Measured {
  const sorted = [...times].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
  return { variant: name, median, least: sorted[0]!, most: sorted.at(-1)!, peak, goal, memoryGoal }
}
