import {
  type Candidate,
  claimAll,
  commitObjects,
  filterValid,
  findHidden,
  formatStorePath,
  lockAll,
  type Store,
  type StorePath,
  settleTree,
  UnsupportedFile,
} from '../../store/index.js'
import type { Lowered } from '../derivation/derivation.js'
import { worlds } from '../derivation/worlds.js'
import { SYSTEM } from '../lower/lower.js'
import type { Step, Work } from '../plan/plan.js'
import type { Builder } from './builder.js'
import { findBuiltin } from './builtins.js'
import { BadOutput, UndeclaredReference, UnknownWorld } from './errors.js'
import { findMentions } from './mentions.js'
import { buildInSandbox } from './sandboxed.js'
import type { Slot } from './schedule.js'
import { telling } from './tell.js'

/** A tree that a step made, in the staging area, and the paths it may refer to. */
export interface Made {
  readonly path: StorePath
  readonly staged: string
  readonly possible: ReadonlySet<StorePath>
}

/** What realising a derivation takes. A builtin that this program lacks is refused. */
export function workOf({ derivation }: Lowered): Work {
  const { builder, name, world, system } = derivation
  if (!Object.hasOwn(worlds, world)) throw new UnknownWorld(name, `the world "${world}"`)
  if (system !== SYSTEM) throw new UnknownWorld(name, `the system "${system}"`)
  const builtin = findBuiltin(builder)
  if (!builtin && builder.startsWith('builtin:')) throw new UnknownWorld(name, `"${builder}"`)
  return builtin?.work ?? 'build'
}

/** Milliseconds after which a step that waits for another command says so. */
const PATIENCE = 1000

/** Milliseconds in which nobody who is asked for a claim has failed to answer. */
const AT_ONCE = 50

/** Outputs that were made and lie, settled, in `directory`, but are not registered. */
export interface Unregistered {
  readonly candidates: readonly Candidate[]
  readonly directory: string
}

export interface StepOptions {
  readonly slot: Slot
  /** Looks at what was made before it is registered, which it is not when this throws. */
  readonly confirm: ((made: Unregistered) => Promise<void>) | undefined
}

/**
 * Makes the outputs of a derivation valid; its inputs must be. Whoever claims the outputs realises
 * them, and everybody else finds them valid afterwards. Nobody waits for a claim at a place where others could work, nor
 * for a place with a claim that others wait for.
 */
export async function realiseStep(
  builder: Builder,
  step: Step,
  signal: AbortSignal,
  options: StepOptions,
): Promise<void> {
  const { store, report } = builder
  const { slot } = options
  const { path, derivation } = step.lowered
  const outputs = [...step.lowered.outputs.values()]
  const about = { path, name: derivation.name, work: workOf(step.lowered) }
  const isDone = async (): Promise<boolean> => (await filterValid(store, outputs)).size === outputs.length
  // Where answers take long, each round waits for longer.
  for (let atOnce = AT_ONCE; ; atOnce *= 2) {
    await slot.enter()
    signal.throwIfAborted()
    const waiting = setTimeout(() => report({ kind: 'waiting', ...about }), PATIENCE)
    const lending = setTimeout(slot.leave, atOnce)
    await using claims = await claimAll(store, outputs, signal).finally(() => {
      clearTimeout(waiting)
      clearTimeout(lending)
    })
    if (await isDone()) return report({ kind: 'found', ...about })
    if (slot.isHeld()) return await realise(builder, step, signal, options)
    // A claimant that is stopped answers to nobody: it would not be claimed in the next round either.
    if (!claims.isWhole) break
  }
  await slot.enter()
  if (await isDone()) return report({ kind: 'found', ...about })
  await realise(builder, step, signal, options)
}

async function realise(
  builder: Builder,
  step: Step,
  signal: AbortSignal,
  { confirm }: StepOptions,
): Promise<void> {
  const { store, report } = builder
  const { lowered } = step
  const kind = workOf(lowered)
  signal.throwIfAborted()
  const register = async (candidates: readonly Candidate[]): Promise<void> => {
    await using _locks = await lockAll(store, lowered.outputs.values(), signal)
    const provenance = builder.origins?.get(lowered.path)
    await commitObjects(
      store,
      candidates.map(candidate => ({ ...candidate, provenance })),
    )
  }
  const work = async (): Promise<readonly Candidate[]> => {
    const made = await make(builder, step, stage.directory, signal)
    const candidates = await Promise.all(made.map(tree => settle(store, lowered, tree)))
    if (kind === 'build') await warnOfHidden(builder, lowered, made)
    return candidates
  }
  const tell = <T>(work: () => Promise<T>): Promise<T> => telling(report, lowered, kind, { signal, work })
  await using stage = await store.stage()
  if (!confirm) return await tell(async () => register(await work()))
  const candidates = await tell(work)
  await confirm({ candidates, directory: stage.directory })
  await register(candidates)
}

/** Makes the outputs of a derivation in `directory`, without registering anything. */
export function make(
  builder: Builder,
  step: Step,
  directory: string,
  signal: AbortSignal,
): Promise<readonly Made[]> {
  const run = findBuiltin(step.lowered.derivation.builder)?.make ?? buildInSandbox
  return run(builder, step, directory, signal)
}

/**
 * Makes a tree canonical and hashes it; nothing changes it from then on. What a build made may refer
 * to what it declared and to nothing else in the store.
 */
export async function settle(
  store: Store,
  lowered: Lowered,
  { path, staged, possible }: Made,
): Promise<Candidate> {
  const scan = await settleTree(store, staged, possible).catch(error => {
    if (!(error instanceof UnsupportedFile) || workOf(lowered) !== 'build') throw error
    throw new BadOutput(lowered.derivation.name, error.message.replace(staged, formatStorePath(path)))
  })
  if (scan.unknown.length > 0 && workOf(lowered) === 'build') {
    throw new UndeclaredReference(lowered.derivation.name, path, await findMentions(staged, scan.unknown))
  }
  return { path, staged, scan, deriver: lowered.path }
}

/** A store path in a compressed file is no reference: nothing keeps what it names. */
async function warnOfHidden(
  { report }: Builder,
  { derivation }: Lowered,
  made: readonly Made[],
): Promise<void> {
  for (const { staged, possible } of made) {
    for (const { file, references } of await findHidden(staged, possible)) {
      const names = references.map(formatStorePath).join(', ')
      report({
        kind: 'warning',
        text: `${derivation.name}: ${file} names ${names} in compressed form, which keeps nothing alive`,
      })
    }
  }
}
