import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { computeClosure, formatStorePath, type StorePath } from '../../store/index.js'
import type { Lowered } from '../derivation/derivation.js'
import { fixedOutput } from '../derivation/hash.js'
import { computeEpoch } from '../fetch/epoch.js'
import type { Step, Target } from '../plan/plan.js'
import { type Exit, type Run, runSandbox } from '../sandbox/run.js'
import type { HostUser, SandboxSpec } from '../sandbox/spec.js'
import type { Builder } from './builder.js'
import { keepCounts } from './counts.js'
import { BUILD_DIRECTORY, buildEnvironment } from './environment.js'
import { BuildFailed, type FailureDetails, Interrupted, TimedOut } from './errors.js'
import { keepDirectory } from './keep.js'
import { type BuildLog, openLog, phaseOf } from './log.js'
import { makePatience } from './patience.js'
import type { Made } from './step.js'
import { recallTime } from './times.js'
import { tracerSettings } from './tracing.js'

/** What the sandbox of a step is made of, whose inputs are valid; and the closure of its inputs. */
export async function prepareSandbox(
  { store, settings }: Builder,
  step: Step,
  staging: string,
  hostUser: HostUser | undefined,
): Promise<{ readonly spec: SandboxSpec; readonly inputs: readonly StorePath[] }> {
  const { lowered } = step
  const { derivation } = lowered
  const { sources, built } = directInputs(step)
  const inputs = (await computeClosure(store, [...sources, ...built])).map(info => info.path)
  const epoch = await computeEpoch(derivation.epoch, sources, source => recallTime(store, source))
  const spec: SandboxSpec = {
    staging,
    inputs: inputs.map(input => ({ path: input, host: store.locate(input) })),
    builder: derivation.builder,
    args: derivation.args,
    env: buildEnvironment(lowered, { epoch, cores: settings.cores }),
    user: derivation.user,
    shell: derivation.shell === '' ? undefined : derivation.shell,
    hostUser,
    tracer: tracerSettings(lowered, epoch, settings.tracing),
  }
  return { spec, inputs }
}

/** Runs a derivation's builder in the sandbox and gives the trees it made. Its log is kept in any case. */
export async function buildInSandbox(
  builder: Builder,
  step: Step,
  directory: string,
  signal: AbortSignal,
): Promise<readonly Made[]> {
  const { store, report, settings } = builder
  const { lowered } = step
  const { path, derivation, outputs } = lowered
  await using hostUser = await builder.borrowUser()
  const { spec, inputs } = await prepareSandbox(builder, step, directory, hostUser)
  const log = await openLog(store.state, path, line => {
    const phase = phaseOf(line)
    if (phase !== undefined) report({ kind: 'phase', path, phase })
    else report({ kind: 'line', path, name: derivation.name, line })
  })
  using patience = makePatience(settings, builder.suspension)
  let run: Run
  try {
    run = await runSandbox(spec, {
      helper: builder.sandbox,
      onOutput: chunk => {
        patience.heard()
        return log.write(chunk)
      },
      signal: AbortSignal.any([signal, patience.signal]),
      suspension: builder.suspension,
    })
    for (const reason of run.ended) await log.write(Buffer.from(`store: ${reason}\n`))
    await keepCounts(store.state, path, run.counts)
  } finally {
    await log.close()
  }
  if (signal.aborted) throw new Interrupted()
  const problem =
    patience.reason() ??
    describeExit(run.exit) ??
    (await describeOutputs(join(directory, 'store'), new Set(inputs), outputs))
  if (problem !== undefined) {
    const Failure = patience.reason() === undefined ? BuildFailed : TimedOut
    throw new Failure(derivation.name, problem, await describeFailure(builder, lowered, directory, log))
  }
  const possible = new Set([...inputs, ...outputs.values()])
  return [...outputs.values()].map(output => ({
    path: output,
    staged: join(directory, 'store', output),
    possible,
  }))
}

async function describeFailure(
  { store, settings }: Builder,
  { path, derivation }: Lowered,
  directory: string,
  log: BuildLog,
): Promise<FailureDetails> {
  const kept = settings.keepFailed
    ? await keepDirectory(store, join(directory, BUILD_DIRECTORY), derivation.name)
    : undefined
  return { log: log.file, derivation: formatStorePath(path), ...log.excerpt(), kept }
}

/** The objects a build names: its sources, which were fetched or added as they are, and what was built. */
function directInputs({ lowered, inputs }: Step): {
  sources: readonly StorePath[]
  built: readonly StorePath[]
} {
  const isFetched = ({ lowered }: Target): boolean => fixedOutput(lowered.derivation) !== undefined
  const paths = (targets: readonly Target[]): StorePath[] =>
    targets.flatMap(({ lowered, outputs }) => outputs.map(name => lowered.outputs.get(name)!))
  return {
    sources: [...lowered.derivation.sources, ...paths(inputs.filter(isFetched))],
    built: paths(inputs.filter(input => !isFetched(input))),
  }
}

/** What is wrong with how the builder ended, or `undefined`. */
function describeExit(exit: Exit): string | undefined {
  if (exit.kind === 'signalled')
    return `was ended by signal ${exit.signal}${exit.signal === 'SIGKILL' ? ', as it is when memory runs out' : ''}`
  return exit.status === 0 ? undefined : `failed with exit status ${exit.status}`
}

/** What is wrong with what lies in the sandbox's store directory, or `undefined`. */
async function describeOutputs(
  directory: string,
  inputs: ReadonlySet<string>,
  outputs: ReadonlyMap<string, StorePath>,
): Promise<string | undefined> {
  for (const [name, output] of outputs) {
    const there = await lstat(join(directory, output)).catch(() => undefined)
    if (!there) return `did not make its output "${name}" (/store/${output})`
  }
  const declared = new Set<string>([...inputs, ...outputs.values()])
  const stray = (await readdir(directory)).filter(name => !declared.has(name))
  return stray.length > 0 ? `left in /store what is no output: ${stray.join(', ')}` : undefined
}
