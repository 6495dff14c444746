import { join } from 'node:path'
import { type Digest, equalDigests, readInfo, type StorePath } from '../../store/index.js'
import type { Step } from '../plan/plan.js'
import type { Builder } from './builder.js'
import { NotReproducible } from './errors.js'
import { keepDirectory } from './keep.js'
import { make, settle, workOf } from './step.js'
import { telling } from './tell.js'

type Hashes = ReadonlyMap<StorePath, Digest>

/** Builds what is already valid again, as often as the settings ask, and compares the bytes. Registers nothing. */
export async function checkStep(builder: Builder, step: Step, signal: AbortSignal): Promise<void> {
  for (let round = 0; round < builder.settings.rounds; round++) await checkOnce(builder, step, signal)
}

/** Builds what is already valid once more and compares the bytes. Registers nothing. */
export async function checkOnce(builder: Builder, step: Step, signal: AbortSignal): Promise<void> {
  const outputs = [...step.lowered.outputs.values()]
  const registered = new Map<StorePath, Digest>()
  for (const output of outputs) registered.set(output, (await readInfo(builder.store, output)).narHash)
  await makeAgain(builder, step, signal, registered)
}

/** Builds as often as the settings ask, compares these builds with each other, and throws them away. */
export async function tryStep(builder: Builder, step: Step, signal: AbortSignal): Promise<void> {
  let first: Hashes | undefined
  for (let round = 0; round < builder.settings.rounds; round++) {
    const hashes = await makeAgain(builder, step, signal, first)
    first ??= hashes
  }
}

/** Makes the outputs of a step for nothing but their hashes, which must be those expected. */
async function makeAgain(
  builder: Builder,
  step: Step,
  signal: AbortSignal,
  expected: Hashes | undefined,
): Promise<Hashes> {
  const { store, report, settings } = builder
  const { derivation } = step.lowered
  const work = async (): Promise<Hashes> => {
    await using stage = await store.stage()
    const hashes = new Map<StorePath, Digest>()
    for (const tree of await make(builder, step, stage.directory, signal))
      hashes.set(tree.path, (await settle(store, step.lowered, tree)).scan.narHash)
    const differing = [...hashes].flatMap(([path, rebuilt]) => {
      const registered = expected?.get(path) ?? rebuilt
      return equalDigests(rebuilt, registered) ? [] : [{ path, registered, rebuilt }]
    })
    if (differing.length > 0) {
      const kept = settings.keepFailed
        ? await keepDirectory(store, join(stage.directory, 'store'), derivation.name)
        : undefined
      throw new NotReproducible(derivation.name, differing, kept)
    }
    return hashes
  }
  return await telling(report, step.lowered, workOf(step.lowered), { signal, work })
}
