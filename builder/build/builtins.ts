import { join } from 'node:path'
import type { StorePath } from '../../store/index.js'
import { unpackArchive, unpackDeb } from '../fetch/unpack.js'
import type { Step, Work } from '../plan/plan.js'
import type { Builder } from './builder.js'
import { UnknownWorld } from './errors.js'
import { fetchCommit, fetchUrl } from './fetched.js'
import type { Made } from './step.js'

/** What this program does itself, without a sandbox, for derivations whose builder has the name. */
export interface Builtin {
  readonly work: Work
  /** Makes the outputs in `directory`, without registering anything. */
  make(builder: Builder, step: Step, directory: string, signal: AbortSignal): Promise<readonly Made[]>
}

/** A name never changes its meaning: derivations are kept. */
const builtins: Readonly<Record<string, Builtin>> = {
  'builtin:fetch': { work: 'fetch', make: fetchUrl },
  'builtin:fetch-git': { work: 'fetch', make: fetchCommit },
  'builtin:unpack': { work: 'unpack', make: unpackBy(unpackDeb) },
  'builtin:unpack-archive': { work: 'unpack', make: unpackBy(unpackArchive) },
}

export const findBuiltin = (name: string): Builtin | undefined =>
  Object.hasOwn(builtins, name) ? builtins[name] : undefined

function unpackBy(unpack: (archive: string, target: string) => Promise<void>): Builtin['make'] {
  return async ({ store }, step, directory) => {
    const staged = join(directory, 'tree')
    await unpack(store.locate(archiveOf(step)), staged)
    return [{ path: step.lowered.outputs.get('out')!, staged, possible: new Set<StorePath>() }]
  }
}

/** The one archive, fetched or of a channel. */
function archiveOf({ lowered, inputs }: Step): StorePath {
  const { sources, name, builder } = lowered.derivation
  const [archive, ...others] = [...sources, ...inputs.map(({ lowered }) => lowered.outputs.get('out')!)]
  if (archive === undefined || others.length > 0)
    throw new UnknownWorld(name, `${builder} of several archives`)
  return archive
}
