import { filterValid, type Store, type StorePath, sortDepthFirst } from '../../store/index.js'
import type { Lowered } from '../derivation/derivation.js'

/** Outputs of a derivation that somebody wants. */
export interface Target {
  readonly lowered: Lowered
  readonly outputs: readonly string[]
}

/** What realising one derivation takes. */
export type Work = 'build' | 'fetch' | 'unpack'

/** One derivation to realise, with those of the plan that must come first. */
export interface Step {
  readonly lowered: Lowered
  /** Its inputs, and the outputs it uses of each. */
  readonly inputs: readonly Target[]
  readonly needs: readonly StorePath[]
}

/** What has to be realised, by derivation; steps come after those they need. */
export type Plan = ReadonlyMap<StorePath, Step>

/** Finds what is missing for the targets. A valid output is never looked behind: its closure is valid too. */
export async function makePlan(
  store: Store,
  targets: readonly Target[],
  derivations: ReadonlyMap<StorePath, Lowered>,
): Promise<Plan> {
  const valid = await filterValid(
    store,
    [...derivations.values(), ...targets.map(({ lowered }) => lowered)].flatMap(({ outputs }) => [
      ...outputs.values(),
    ]),
  )
  const missing = ({ outputs }: Lowered, names: Iterable<string>): boolean =>
    [...names].some(name => !valid.has(outputs.get(name)!))
  const all = new Map([...derivations, ...targets.map(({ lowered }) => [lowered.path, lowered] as const)])
  const steps = new Map<StorePath, Step>()
  const open = (path: StorePath): readonly StorePath[] => {
    const lowered = all.get(path)!
    const inputs = inputsOf(lowered, derivations)
    const needs = inputs
      .filter(input => missing(input.lowered, input.outputs))
      .map(input => input.lowered.path)
    steps.set(path, { lowered, inputs, needs })
    return needs
  }
  const wanted = targets.filter(({ lowered, outputs }) => missing(lowered, outputs))
  const order = sortDepthFirst(
    wanted.map(({ lowered }) => lowered.path),
    open,
  )
  return new Map(order.map(path => [path, steps.get(path)!]))
}

/** The inputs of a derivation, and the outputs it uses of each. */
export const inputsOf = (
  { derivation }: Lowered,
  derivations: ReadonlyMap<StorePath, Lowered>,
): readonly Target[] =>
  [...derivation.inputs].map(([path, outputs]) => ({
    lowered: derivations.get(path)!,
    outputs: [...outputs],
  }))

/** For each step, how many steps are on the longest chain that waits for it, itself included. */
export function chainLengths(plan: Plan): ReadonlyMap<StorePath, number> {
  const lengths = new Map([...plan.keys()].map(path => [path, 1]))
  for (const [path, { needs }] of [...plan].reverse()) {
    for (const need of needs) lengths.set(need, Math.max(lengths.get(need)!, lengths.get(path)! + 1))
  }
  return lengths
}

/** For each step, those that need it. */
export function invert(plan: Plan): ReadonlyMap<StorePath, readonly StorePath[]> {
  const dependents = new Map<StorePath, StorePath[]>()
  for (const [path, { needs }] of plan) {
    for (const need of needs) {
      const list = dependents.get(need)
      if (list) list.push(path)
      else dependents.set(need, [path])
    }
  }
  return dependents
}

/** The steps that need any of `paths`, directly or not, in the order of the plan. */
export function dependentsOf(plan: Plan, paths: Iterable<StorePath>): readonly Step[] {
  const reached = new Set(paths)
  const found: Step[] = []
  for (const [path, step] of plan) {
    if (reached.has(path) || !step.needs.some(need => reached.has(need))) continue
    reached.add(path)
    found.push(step)
  }
  return found
}
