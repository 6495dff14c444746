import {
  addTexts,
  addTree,
  filterValid,
  type Provenance,
  type Store,
  type StorePath,
} from '../../store/index.js'
import type { Lowered } from '../derivation/derivation.js'
import { encodeDerivation } from '../derivation/encode.js'
import type { LocalTree } from '../lower/lower.js'
import { inputsOf, makePlan, type Plan, type Step, type Target } from '../plan/plan.js'
import type { Builder, BuildSettings } from './builder.js'
import { checkStep, confirmStep, tryStep } from './check.js'
import { keepDurations, measure, readDurations, usualOf } from './durations.js'
import type { PlannedStep } from './events.js'
import { type Conversation, converse } from './interactive.js'
import { describeAnew } from './origins.js'
import { makeRoom } from './room.js'
import { runSchedule, type Slot } from './schedule.js'
import { realiseStep, type Unregistered, workOf } from './step.js'

/** What recipes were lowered to: all derivations and local trees that the targets need. */
export interface Sources {
  readonly derivations: ReadonlyMap<StorePath, Lowered>
  readonly locals: ReadonlyMap<StorePath, LocalTree>
  /** Looks up, when something is to be made or described, where each derivation comes from. */
  readonly origins?: () => Promise<ReadonlyMap<StorePath, Provenance>>
}

/** Fetches going on at once; they wait for the network, not for a processor. */
const FETCHES = 6

/** Makes the targets valid, building and fetching what is missing. They stay valid while the store is open. */
export async function realise(builder: Builder, targets: readonly Target[], sources: Sources): Promise<void> {
  await keepAll(builder.store, sources)
  const plan = await makePlan(builder.store, targets, sources.derivations)
  if (plan.size > 0) {
    await writeDerivations(builder.store, sources)
    const origins = await sources.origins?.()
    await run(origins ? { ...builder, origins } : builder, plan, realiseInRounds)
  }
  const found = targets.filter(({ lowered }) => !plan.has(lowered.path))
  if (sources.origins) await describeAnew(builder.store, found, sources.origins)
}

/** Builds the targets again, which are made valid first, and compares. */
export async function check(builder: Builder, targets: readonly Target[], sources: Sources): Promise<void> {
  await realise({ ...builder, settings: { ...asDeclared(builder.settings), rounds: 1 } }, targets, sources)
  await remake(builder, targets, sources, checkStep)
}

/** Builds the targets, whose inputs are made valid first, and throws them away. */
export const tryOut = (builder: Builder, targets: readonly Target[], sources: Sources): Promise<void> =>
  remake(builder, targets, sources, tryStep)

/**
 * Starts a shell in the sandbox of a target's build; gives its exit status. Its inputs are made valid first, and then
 * `onReady` is called.
 */
export async function enterBuild(
  builder: Builder,
  { lowered }: Target,
  sources: Sources,
  conversation: Conversation & { readonly onReady: () => void },
): Promise<number> {
  const inputs = inputsOf(lowered, sources.derivations)
  await realise(builder, inputs, sources)
  await writeDerivations(builder.store, sources)
  conversation.onReady()
  await using stage = await builder.store.stage()
  return await converse(builder, { lowered, inputs, needs: [] }, stage.directory, conversation)
}

/** What is registered is made as its derivation declares. */
const asDeclared = (settings: BuildSettings): BuildSettings => ({
  ...settings,
  tracing: { kind: 'declared' },
})

async function remake(
  builder: Builder,
  targets: readonly Target[],
  sources: Sources,
  runStep: typeof checkStep,
): Promise<void> {
  // The inputs of a valid output may have been collected.
  const inputs = targets.flatMap(({ lowered }) => inputsOf(lowered, sources.derivations))
  await realise({ ...builder, settings: { ...asDeclared(builder.settings), rounds: 1 } }, inputs, sources)
  await writeDerivations(builder.store, sources)
  const steps = targets.map(
    ({ lowered }): Step => ({ lowered, inputs: inputsOf(lowered, sources.derivations), needs: [] }),
  )
  await run(builder, new Map(steps.map(step => [step.lowered.path, step])), runStep)
}

/**
 * What a realisation finds valid, and what it makes, no collection beside it takes. To be called before anything is
 * looked up.
 */
const keepAll = (store: Store, { derivations, locals }: Sources): Promise<void> =>
  store.keepAlive([
    ...locals.keys(),
    ...[...derivations].flatMap(([path, { outputs }]) => [path, ...outputs.values()]),
  ])

/** Makes the derivations, and the local trees they name, objects of the store. */
export async function writeDerivations(store: Store, sources: Sources): Promise<void> {
  const { derivations, locals } = sources
  await keepAll(store, sources)
  const valid = await filterValid(store, [...derivations.keys(), ...locals.keys()])
  for (const { path, name, file } of locals.values()) if (!valid.has(path)) await addTree(store, name, file)
  const missing = [...derivations.values()].filter(({ path }) => !valid.has(path))
  await addTexts(
    store,
    missing.map(({ path, derivation }) => ({
      path,
      content: encodeDerivation(derivation),
      references: [...derivation.inputs.keys(), ...derivation.sources],
    })),
  )
}

/** Realises a step, which before it is registered is made as often as the settings ask, and compared. */
async function realiseInRounds(builder: Builder, step: Step, signal: AbortSignal, slot: Slot): Promise<void> {
  await makeRoom(builder, signal)
  const isRepeated = builder.settings.rounds > 1 && workOf(step.lowered) === 'build'
  const confirm = isRepeated
    ? (made: Unregistered): Promise<void> => confirmStep(builder, step, signal, made)
    : undefined
  await realiseStep(builder, step, signal, { slot, confirm })
}

async function run(
  builder: Builder,
  plan: Plan,
  runStep: (builder: Builder, step: Step, signal: AbortSignal, slot: Slot) => Promise<void>,
): Promise<void> {
  const { report, settings, signal, store } = builder
  const start = performance.now()
  report({ kind: 'planned', steps: await describePlan(store, plan) })
  using measuring = measure(report, builder.suspension)
  try {
    await runSchedule({
      plan,
      workOf: ({ lowered }) => workOf(lowered),
      slots: { build: settings.jobs, unpack: settings.jobs, fetch: FETCHES },
      keepGoing: settings.keepGoing,
      signal,
      run: (step, stop, slot) => runStep({ ...builder, report: measuring.report }, step, stop, slot),
    })
  } finally {
    // What was built is not lost because a time cannot be noted.
    await keepDurations(store.state, measuring.measured).catch(({ message }: Error) =>
      report({ kind: 'warning', text: `how long the builds took is not remembered: ${message}` }),
    )
    report({ kind: 'ended', seconds: (performance.now() - start) / 1000 })
  }
}

async function describePlan(store: Store, plan: Plan): Promise<readonly PlannedStep[]> {
  const durations = await readDurations(store.state)
  return [...plan.values()].map(({ lowered, needs }) => {
    const { name } = lowered.derivation
    const work = workOf(lowered)
    const usual = work === 'fetch' ? undefined : usualOf(durations, name)
    return { path: lowered.path, name, work, needs, usual }
  })
}
