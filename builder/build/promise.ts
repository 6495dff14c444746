import type { Store, StorePath } from '../../store/index.js'
import type { Derivation } from '../derivation/derivation.js'
import { readDerivation } from '../derivation/read.js'
import { worlds } from '../derivation/worlds.js'

/**
 * How far it is promised that a derivation gives the same bytes everywhere, of the same inputs: what is excepted, or no
 * promise at all.
 */
export type Promised =
  | { readonly kind: 'reproducible'; readonly except: readonly string[] }
  | { readonly kind: 'fixed' }
  | { readonly kind: 'none' }

export function promiseOf({ world, tracer, outputs, builder }: Derivation): Promised {
  if ([...outputs.values()].every(({ kind }) => kind === 'fixed')) return { kind: 'fixed' }
  if (builder.startsWith('builtin:')) return { kind: 'reproducible', except: [] }
  if (!worlds[world]?.traced) return { kind: 'none' }
  return {
    kind: 'reproducible',
    except: [...tracer].filter(([, value]) => value === 'host').map(([name]) => name),
  }
}

/** A derivation among inputs whose own promise is not a full one. */
export interface WeakInput {
  readonly name: string
  readonly promised: Promised
}

/** Those among a derivation's inputs, and theirs: up to what a hash fixes, whatever made that. */
export async function findWeakInputs(store: Store, derivation: Derivation): Promise<readonly WeakInput[]> {
  const weak: WeakInput[] = []
  const seen = new Set<StorePath>()
  const open = [derivation]
  for (let next = open.pop(); next; next = open.pop())
    for (const path of next.inputs.keys()) {
      if (seen.has(path)) continue
      seen.add(path)
      const input = await readDerivation(store, path)
      const promised = promiseOf(input)
      if (promised.kind === 'fixed') continue
      if (promised.kind === 'none' || promised.except.length > 0) weak.push({ name: input.name, promised })
      open.push(input)
    }
  return weak
}
