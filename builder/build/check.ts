import { join } from 'node:path'
import { type Digest, equalDigests, readInfo, type StorePath } from '../../store/index.js'
import type { Step } from '../plan/plan.js'
import type { Builder } from './builder.js'
import { NotReproducible } from './errors.js'
import { keepDirectory } from './keep.js'
import { make, settle, type Unregistered, workOf } from './step.js'
import { telling } from './tell.js'

type Hashes = ReadonlyMap<StorePath, Digest>

/** What was made before, and where it lies if it is not in the store. */
interface Before {
  readonly hashes: Hashes
  readonly directory?: string
}

/** Builds what is already valid again, as often as the settings ask, and compares the bytes. Registers nothing. */
export async function checkStep(builder: Builder, step: Step, signal: AbortSignal): Promise<void> {
  const hashes = new Map<StorePath, Digest>()
  for (const output of step.lowered.outputs.values())
    hashes.set(output, (await readInfo(builder.store, output)).narHash)
  await repeat(builder, step, signal, { hashes }, builder.settings.rounds)
}

/** Builds what was just made again, until it is made as often as the settings ask, and compares the bytes. */
export async function confirmStep(
  builder: Builder,
  step: Step,
  signal: AbortSignal,
  { candidates, directory }: Unregistered,
): Promise<void> {
  const hashes = new Map(candidates.map(({ path, scan }) => [path, scan.narHash]))
  await repeat(builder, step, signal, { hashes, directory }, builder.settings.rounds - 1)
}

/** Builds as often as the settings ask, compares these builds with each other, and throws them away. */
export async function tryStep(builder: Builder, step: Step, signal: AbortSignal): Promise<void> {
  await using stage = await builder.store.stage()
  const { directory } = stage
  const hashes = await makeOnce(builder, step, signal, { directory })
  await repeat(builder, step, signal, { hashes, directory }, builder.settings.rounds - 1)
}

async function repeat(
  builder: Builder,
  step: Step,
  signal: AbortSignal,
  before: Before,
  times: number,
): Promise<void> {
  for (let round = 0; round < times; round++) {
    await using stage = await builder.store.stage()
    await makeOnce(builder, step, signal, { directory: stage.directory, before })
  }
}

/** Makes the outputs of a step in `directory`, for nothing but their hashes, which must be those `before`. */
async function makeOnce(
  builder: Builder,
  step: Step,
  signal: AbortSignal,
  { directory, before }: { readonly directory: string; readonly before?: Before },
): Promise<Hashes> {
  const { lowered } = step
  const work = async (): Promise<Hashes> => {
    const hashes = new Map<StorePath, Digest>()
    for (const tree of await make(builder, step, directory, signal))
      hashes.set(tree.path, (await settle(builder.store, lowered, tree)).scan.narHash)
    const differing = [...hashes].flatMap(([path, now]) => {
      const first = before?.hashes.get(path) ?? now
      return equalDigests(now, first) ? [] : [{ path, before: first, now }]
    })
    if (differing.length === 0) return hashes
    const { name } = lowered.derivation
    const kept: string[] = []
    if (builder.settings.keepFailed)
      for (const each of before?.directory === undefined ? [directory] : [before.directory, directory])
        kept.push(await keepDirectory(builder.store, join(each, 'store'), name))
    throw new NotReproducible(name, differing, kept)
  }
  return await telling(builder.report, lowered, workOf(lowered), { signal, work })
}
