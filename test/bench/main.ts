import { mkdtemp, statfs, writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Bench } from './bench.js'
import { measureStore } from './command.js'
import { contents } from './contents.js'
import { evaluations } from './evaluation.js'
import { graphs } from './graphs.js'
import { type Result, runBench } from './measure.js'
import { millions } from './million.js'
import { findNix } from './nix.js'
import { removeTree } from './remove.js'
import { scales } from './scale.js'
import { starts } from './start.js'
import { formatTable } from './table.js'
import { tracers } from './tracer.js'
import { trees } from './trees.js'

const usage = `npm run bench -- [--runs N] [--on DIR] [--json FILE] [NAME...]
Compares store with others on the file system of DIR (a tmpfs unless told), in N runs in alternation.
`
const benches: readonly Bench[] = [
  ...starts,
  ...evaluations,
  ...graphs,
  ...trees,
  ...scales,
  ...contents,
  ...millions,
  ...tracers,
]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '9' },
    on: { type: 'string', default: '/dev/shm' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help)
  process.stdout.write(
    `${usage}${benches.map(({ name, question }) => `${name.padEnd(18)} ${question}\n`).join('')}`,
  )
else await main(selectBenches(positionals), Number(values.runs))

/** All, or those whose names are given or begin with what is given and a dash. */
function selectBenches(names: readonly string[]): readonly Bench[] {
  const matches = (bench: Bench, name: string): boolean =>
    bench.name === name || bench.name.startsWith(`${name}-`)
  const unknown = names.find(name => !benches.some(bench => matches(bench, name)))
  if (unknown !== undefined) throw new Error(`There is no bench "${unknown}"; --help lists them`)
  return names.length === 0 ? benches : benches.filter(bench => names.some(name => matches(bench, name)))
}

async function main(selected: readonly Bench[], runs: number): Promise<void> {
  const directory = await mkdtemp(join(values.on, 'store-bench-'))
  try {
    const root = join(directory, 'root')
    const nix = await findNix(directory)
    process.stderr.write('preparing a store with hello\n')
    await measureStore(root, ['build', 'hello'])
    const results: Result[] = []
    for (const bench of selected) {
      process.stderr.write(`${bench.name}: ${bench.question}\n`)
      const result = await runBench(bench, { directory, root, nix }, runs).catch(error =>
        failed(bench, error),
      )
      process.stderr.write(`${formatTable([result])}\n`)
      results.push(result)
    }
    const machine = {
      date: new Date().toISOString().slice(0, 10),
      processor: `${cpus().length} x ${cpus()[0]?.model}`,
      memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
      node: process.version,
      nix: nix.kind === 'there' ? nix.version : nix.why,
      fileSystem: (await isTmpfs(directory)) ? 'tmpfs' : 'disk',
      runs,
    }
    process.stdout.write(`${Object.values(machine).join(', ')}\n\n${formatTable(results)}\n`)
    if (values.json !== undefined)
      await writeFile(values.json, `${JSON.stringify({ machine, results }, null, 2)}\n`)
  } finally {
    await removeTree(directory)
  }
}

/** The others are measured all the same. */
function failed({ name, question }: Bench, error: unknown): Result {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
  process.exitCode = 1
  return { bench: name, question, measured: [], missing: [{ variant: 'all', why: 'it failed' }] }
}

async function isTmpfs(directory: string): Promise<boolean> {
  return (await statfs(directory)).type === 0x01021994
}
