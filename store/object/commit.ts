import { chmodSync, lstatSync, renameSync, utimesSync } from 'node:fs'
import type { PathInfo, Provenance } from '../db/info.js'
import { StoreError } from '../error.js'
import { DiskFull, writing } from '../failure.js'
import { optimiseLocked } from '../optimise/optimise.js'
import { formatStorePath, type StorePath } from '../path.js'
import { filterValid } from '../query.js'
import type { Store } from '../store.js'
import type { TreeScan } from './scan.js'

/** A settled tree on the objects' file system, about to become an object. */
export interface Candidate {
  readonly path: StorePath
  /** Where the tree lies now, as `settleTree` left it. */
  readonly staged: string
  readonly scan: TreeScan
  readonly deriver?: StorePath | undefined
  readonly provenance?: Provenance | undefined
  readonly signatures?: readonly string[]
}

export class ReferenceCycle extends StoreError {
  readonly code = 'REFERENCE_CYCLE'

  constructor(cycle: readonly StorePath[]) {
    super(`Objects refer to each other in a circle: ${cycle.map(formatStorePath).join(' -> ')}`, {
      hint: 'Move the files that refer back into the same output, or remove the reference',
    })
  }
}

export class MissingReference extends StoreError {
  readonly code = 'MISSING_REFERENCE'

  constructor(path: StorePath, reference: StorePath) {
    super(
      `Cannot register "${formatStorePath(path)}": it refers to ${formatStorePath(reference)}, which is not valid`,
      {
        hint: 'It was deleted meanwhile; run the command again',
      },
    )
  }
}

/**
 * Makes all candidates valid at one instant; before it, nothing has changed. The caller holds the locks of
 * their paths. A candidate whose path is valid already stays staged, and the known info is returned for it.
 */
export async function commitObjects(store: Store, candidates: readonly Candidate[]): Promise<PathInfo[]> {
  const known = await store.database.findInfos(candidates.map(({ path }) => path))
  const fresh = candidates.filter((_candidate, i) => !known[i])
  refuseCycles(fresh)
  const infos = new Map(fresh.map(candidate => [candidate.path, makeInfo(store, candidate)]))
  if (fresh.length > 0) await register(store, fresh, [...infos.values()])
  if (store.optimises) await optimiseFresh(store, [...infos.keys()])
  return candidates.map(({ path }, i) => known[i] ?? infos.get(path)!)
}

/** The objects are valid whether or not there is space for links; the next optimisation tries again. */
async function optimiseFresh(store: Store, paths: readonly StorePath[]): Promise<void> {
  try {
    await optimiseLocked(store, paths)
  } catch (error) {
    if (!(error instanceof DiskFull)) throw error
  }
}

async function register(
  store: Store,
  fresh: readonly Candidate[],
  infos: readonly PathInfo[],
): Promise<void> {
  try {
    await writing(store.objects, async () => {
      for (const { path, staged } of fresh) await publish(store, staged, path)
      await store.keeper.sync(store.objects)
    })
    await store.database.change(async valid => {
      // We may have waited long. Who takes our lock from now on finds these objects valid.
      await store.keeper.confirm()
      await requireReferences(infos, paths => valid.findInfos(paths))
      return { add: infos }
    })
  } catch (error) {
    await removeUnlessValid(store, fresh).catch(() => undefined)
    throw error
  }
}

/** A batch that failed may have reached the disk all the same: only the database can tell. */
async function removeUnlessValid(store: Store, candidates: readonly Candidate[]): Promise<void> {
  const valid = await filterValid(
    store,
    candidates.map(({ path }) => path),
  )
  for (const { path } of candidates) if (!valid.has(path)) await store.keeper.remove(store.locate(path))
}

/** Replaces what a crash before its commit left. Renaming a directory that is read-only needs more rights than an ordinary user has. */
async function publish(store: Store, staged: string, path: StorePath): Promise<void> {
  const target = store.locate(path)
  if (lstatSync(target, { throwIfNoEntry: false })) await store.keeper.remove(target)
  const isDirectory = lstatSync(staged).isDirectory()
  if (isDirectory) chmodSync(staged, 0o755)
  renameSync(staged, target)
  if (!isDirectory) return
  chmodSync(target, 0o555)
  utimesSync(target, 1, 1)
}

const makeInfo = (store: Store, { path, scan, deriver, provenance, signatures }: Candidate): PathInfo => ({
  path,
  narHash: scan.narHash,
  narSize: scan.narSize,
  references: scan.references,
  deriver,
  registered: store.clock(),
  provenance,
  signatures: signatures ?? [],
})

/** No valid object may refer to one that is not. */
async function requireReferences(
  infos: readonly PathInfo[],
  findInfos: (paths: readonly StorePath[]) => Promise<readonly (PathInfo | undefined)[]>,
): Promise<void> {
  const own = new Set(infos.map(({ path }) => path))
  const links = infos.flatMap(({ path, references }) =>
    references.filter(reference => !own.has(reference)).map(reference => ({ path, reference })),
  )
  const found = await findInfos(links.map(({ reference }) => reference))
  links.forEach(({ path, reference }, i) => {
    if (!found[i]) throw new MissingReference(path, reference)
  })
}

/** An object may refer to itself, but not by way of another one. */
function refuseCycles(candidates: readonly Candidate[]): void {
  const edges = new Map(
    candidates.map(({ path, scan }) => [path, scan.references.filter(other => other !== path)]),
  )
  const done = new Set<StorePath>()
  const visit = (path: StorePath, trail: readonly StorePath[]) => {
    if (trail.includes(path)) throw new ReferenceCycle([...trail.slice(trail.indexOf(path)), path])
    if (done.has(path)) return
    for (const next of edges.get(path) ?? []) if (edges.has(next)) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of edges.keys()) visit(path, [])
}
