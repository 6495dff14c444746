import type { StorePath } from '../path.js'
import { listValid } from '../query.js'
import type { Store } from '../store.js'

/** What beside references keeps objects. It decides what is collected, not what could safely be. */
export interface MarkOptions {
  /** A live output keeps the derivation that made it. */
  readonly keepDerivers: boolean
  /** A live derivation keeps its outputs. */
  readonly keepOutputs: boolean
}

export interface Marked {
  /** Every object that was valid, sorted. */
  readonly valid: readonly StorePath[]
  /** Those that nothing keeps. */
  readonly dead: ReadonlySet<StorePath>
}

/** How far marking is, in objects. */
export interface MarkProgress {
  readonly found: number
  /** Those of the found that are known to be live; the rest is dead once all were looked at. */
  readonly live: number
}

/** Records read at once. */
const CHUNK = 512

/**
 * Finds what `roots` do not keep. Each record is read at most once, and of all that is read only paths stay in
 * memory. Others go on working meanwhile: what is dead here is a candidate, and is looked at again when it is deleted.
 */
export async function mark(
  store: Store,
  roots: Iterable<StorePath>,
  options: MarkOptions,
  report: (progress: MarkProgress) => void = () => {},
): Promise<Marked> {
  const valid = await listValid(store)
  const unmarked = new Set(valid)
  const stack: StorePath[] = []
  const reach = (path: StorePath): void => {
    if (unmarked.delete(path)) stack.push(path)
  }
  for (const root of roots) reach(root)
  report({ found: valid.length, live: valid.length - unmarked.size })
  while (stack.length > 0) {
    const chunk = stack.splice(-CHUNK)
    for (const info of await store.database.findInfos(chunk)) {
      info?.references.forEach(reach)
      if (options.keepDerivers && info?.deriver !== undefined) reach(info.deriver)
    }
    if (options.keepOutputs) (await listAllOutputs(store, chunk)).forEach(reach)
    report({ found: valid.length, live: valid.length - unmarked.size })
  }
  return { valid, dead: unmarked }
}

async function listAllOutputs(store: Store, paths: readonly StorePath[]): Promise<StorePath[]> {
  const derivations = paths.filter(path => path.endsWith('.drv'))
  return [...(await store.database.listOutputs(derivations)).values()].flat()
}
