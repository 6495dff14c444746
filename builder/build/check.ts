import { join } from 'node:path'
import { equalDigests, readInfo } from '../../store/index.js'
import type { Step } from '../plan/plan.js'
import type { Builder } from './builder.js'
import { NotReproducible } from './errors.js'
import { keepDirectory } from './keep.js'
import { make, settle, workOf } from './step.js'

/** Builds what is already valid once more and compares the bytes. Registers nothing. */
export async function checkStep(builder: Builder, step: Step, signal: AbortSignal): Promise<void> {
  const { store, report, settings } = builder
  const { path, derivation } = step.lowered
  const work = workOf(step.lowered)
  const start = performance.now()
  report({ kind: 'started', path, name: derivation.name, work })
  try {
    await using stage = await store.stage()
    const made = await make(builder, step, stage.directory, signal)
    const differing = []
    for (const tree of made) {
      const { scan } = await settle(store, step.lowered, tree)
      const registered = (await readInfo(store, tree.path)).narHash
      if (!equalDigests(scan.narHash, registered))
        differing.push({ path: tree.path, registered, rebuilt: scan.narHash })
    }
    if (differing.length > 0) {
      const kept = settings.keepFailed
        ? await keepDirectory(store, join(stage.directory, 'store'), derivation.name)
        : undefined
      throw new NotReproducible(derivation.name, differing, kept)
    }
    report({
      kind: 'finished',
      path,
      name: derivation.name,
      work,
      seconds: (performance.now() - start) / 1000,
    })
  } catch (error) {
    report({ kind: 'failed', path, name: derivation.name, work })
    throw error
  }
}
