import { stat } from 'node:fs/promises'
import { readInfo, type Store, type StorePath, sortDepthFirst, writeNar } from '../../store/index.js'
import type { Lowered } from '../derivation/derivation.js'
import { fixedOutput } from '../derivation/hash.js'
import { readChunks } from '../fetch/chunks.js'
import type { Target } from '../plan/plan.js'

/** A source as a file whose hash is the declared one: its bytes, or the NAR of a tree. */
export interface SourceFile {
  /** `<algorithm>-<hex>`, by which it is found again. */
  readonly file: string
  readonly name: string
  readonly urls: readonly string[]
  readonly size: number
  readonly content: AsyncIterable<Uint8Array>
}

/** Everything that is fetched for the targets and for what they are built from, one for each content. */
export function sourcesOf(
  targets: readonly Target[],
  derivations: ReadonlyMap<StorePath, Lowered>,
): readonly Lowered[] {
  const all = new Map([...derivations, ...targets.map(({ lowered }) => [lowered.path, lowered] as const)])
  const order = sortDepthFirst(
    targets.map(({ lowered }) => lowered.path),
    path => all.get(path)!.derivation.inputs.keys(),
  )
  const sources = new Map<string, Lowered>()
  for (const path of order) {
    const lowered = all.get(path)!
    const fixed = fixedOutput(lowered.derivation)
    if (fixed) sources.set(`${fixed.method} ${fixed.digest.algorithm}-${fixed.digest.hex}`, lowered)
  }
  return [...sources.values()]
}

/** A valid source as a file, read as its content is taken. */
export async function openSource(store: Store, { derivation, outputs }: Lowered): Promise<SourceFile> {
  const { method, digest } = fixedOutput(derivation)!
  const path = outputs.get('out')!
  const place = store.locate(path)
  const isNar = method === 'nar'
  return {
    file: `${digest.algorithm}-${digest.hex}`,
    name: derivation.name,
    urls: derivation.args,
    size: isNar ? (await readInfo(store, path)).narSize : (await stat(place)).size,
    content: isNar ? writeNar(place) : readChunks(place),
  }
}
