import {
  describeRebuild,
  findWeakInputs,
  type Promised,
  promiseOf,
  readDerivation,
  type WeakInput,
} from '../../builder/index.js'
import {
  computeClosure,
  findInfo,
  formatDigest,
  formatStorePath,
  type PathInfo,
  type Provenance,
  readInfo,
  type Store,
} from '../../store/index.js'
import { defineCommand } from '../command.js'
import { resolveObject } from '../objects.js'
import { formatSize } from '../terminal.js'

export const command = defineCommand({
  usage: 'info PATH|PKG',
  describe: 'Show what is known of an object',
  examples: [['store info hello', 'its hash, size, references, and what made it']],
  words: [1, 1],
  async run(context, args) {
    const store = await context.store()
    const path = await resolveObject(context, args.words[0]!)
    const info = await readInfo(store, path)
    const closure = await computeClosure(store, [path])
    return {
      path: formatStorePath(path),
      location: store.locate(path),
      narHash: formatDigest(info.narHash),
      narSize: info.narSize,
      closureSize: closure.reduce((sum, { narSize }) => sum + narSize, 0),
      references: info.references.map(formatStorePath),
      reproducible: await describeReproducible(store, info),
      deriver: info.deriver === undefined ? null : formatStorePath(info.deriver),
      provenance: info.provenance ?? null,
      ...describeRebuilding(info),
      registered: new Date(info.registered * 1000).toISOString(),
    }
  },
  print: data => [
    `path: ${data.path}`,
    `location: ${data.location}`,
    `hash: ${data.narHash}`,
    `size: ${data.narSize} (${formatSize(data.narSize)})`,
    `closure size: ${data.closureSize} (${formatSize(data.closureSize)})`,
    ...data.references.map(reference => `reference: ${reference}`),
    ...(data.reproducible === null ? [] : [`reproducible: ${data.reproducible}`]),
    `deriver: ${data.deriver ?? 'none'}`,
    `registered: ${data.registered}`,
    ...describeOrigin(data.provenance ?? {}),
    ...(data.rebuild ? [`rebuild: ${data.rebuild}`] : []),
    ...(data.rebuildProblem ? [`rebuild: no command does, as ${data.rebuildProblem}`] : []),
  ],
})

/** Null for what was not built, or whose derivation was collected. */
async function describeReproducible(store: Store, { deriver }: PathInfo): Promise<string | null> {
  if (deriver === undefined || !(await findInfo(store, deriver))) return null
  const derivation = await readDerivation(store, deriver)
  const promised = promiseOf(derivation)
  const described = describePromise(promised)
  if (promised.kind !== 'reproducible') return described
  const weak = await findWeakInputs(store, derivation)
  if (weak.length === 0) return described
  return `${described}, from the same inputs; of those except: ${weak.map(describeInput).join(', ')}`
}

const describeInput = ({ name, promised }: WeakInput): string =>
  `${name} (${promised.kind === 'reproducible' ? promised.except.join(', ') : 'built without the tracer'})`

function describePromise(promised: Promised): string {
  switch (promised.kind) {
    case 'fixed':
      return 'yes, by the hash that its recipe declares'
    case 'none':
      return 'not promised, it was built without the tracer'
    case 'reproducible':
      return promised.except.length === 0 ? 'yes' : `except: ${promised.except.join(', ')}`
  }
}

/** How an object that was built is built again; or why it cannot be. */
function describeRebuilding({ deriver, provenance = {} }: PathInfo) {
  const none = { rebuild: null, rebuildProblem: null }
  if (deriver === undefined) return none
  const described = describeRebuild(provenance)
  return 'command' in described
    ? { ...none, rebuild: described.command }
    : { ...none, rebuildProblem: described.problem }
}

function describeOrigin({
  package: name,
  channel,
  url,
  commit,
  content,
  dirty,
  changed,
  recipe,
}: Provenance): string[] {
  const marks = [
    ...(dirty ? ['with changes that are in no commit'] : []),
    ...(changed ? ['changed by options'] : []),
  ]
  return [
    ...(name === undefined ? [] : [`built for: ${[name, ...marks].join(', ')}`]),
    ...(channel === undefined ? [] : [`channel: ${channel} (${url})`]),
    ...(commit === undefined ? [] : [`commit: ${commit}`]),
    ...(content === undefined ? [] : [`content: ${content}`]),
    ...(recipe === undefined ? [] : [`recipe: ${recipe}`]),
  ]
}
