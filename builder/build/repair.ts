import { lstatSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  equalDigests,
  findInfo,
  formatStorePath,
  hashTree,
  type PathInfo,
  replaceObject,
  type Store,
  StoreError,
  type StorePath,
  settleTree,
} from '../../store/index.js'
import type { Lowered } from '../derivation/derivation.js'
import { encodeDerivation } from '../derivation/encode.js'
import { nameDerivation } from '../derivation/hash.js'
import { readDerivation } from '../derivation/read.js'
import { inputsOf, type Step } from '../plan/plan.js'
import type { Builder } from './builder.js'
import { realise, type Sources, writeDerivations } from './realise.js'
import { make, settle } from './step.js'

export class DerivationLost extends StoreError {
  readonly code = 'DERIVATION_LOST'

  constructor(path: StorePath, isThere: boolean) {
    super(
      `The derivation "${formatStorePath(path)}" is ${isThere ? 'damaged' : 'not in the store any more'}`,
      { hint: rewrite },
    )
  }
}

const rewrite =
  'It says how a package is built: name that package, or its recipe file, as in store verify --repair PKG'

const DIFFERS = 'Made again, it has other bytes: it is not reproducible'

/** What became of an object whose files were missing or altered. */
export interface Remade {
  readonly path: StorePath
  /** Why it could not be made as it was; `undefined` when it is whole again. */
  readonly failure: string | undefined
  /** Whether that is because it has other bytes each time. */
  readonly differs: boolean
}

/**
 * Makes objects whose bytes are lost anew, as they were made at first: those that were registered first come first,
 * for others are built with them. An object is replaced at one instant, and only by the bytes that were registered.
 */
export async function remakeObjects(builder: Builder, paths: readonly StorePath[]): Promise<Remade[]> {
  const { store } = builder
  await store.keepAlive(paths)
  const infos = (await store.database.findInfos(paths)).filter(info => info !== undefined)
  const remade: Remade[] = []
  for (const { path } of infos.sort((a, b) => a.registered - b.registered)) {
    builder.signal.throwIfAborted()
    const failure = await attempt(() => remake(builder, path))
    remade.push({ path, failure, differs: failure === DIFFERS })
  }
  return remade
}

/**
 * Writes the derivations that recipes were lowered to anew where they are lost: what a derivation says is not to be had
 * from anything that was built with it.
 */
export async function rewriteDerivations(store: Store, sources: Sources): Promise<void> {
  await writeDerivations(store, sources)
  for (const [path, known] of sources.derivations) {
    const info = await findInfo(store, path)
    if (!info || (await isWhole(store, info))) continue
    await using stage = await store.stage()
    const staged = join(stage.directory, 'derivation')
    await writeFile(staged, encodeDerivation(known.derivation))
    const { narHash } = await settleTree(store, staged, [])
    if (equalDigests(narHash, info.narHash)) await replaceObject(store, path, staged)
  }
}

/** Whether the bytes of a derivation are those that were registered. */
async function isWhole(store: Store, { path, narHash }: PathInfo): Promise<boolean> {
  if (!lstatSync(store.locate(path), { throwIfNoEntry: false })?.isFile()) return false
  return equalDigests((await hashTree(store.locate(path))).narHash, narHash)
}

/** The failure of one object keeps no other from being made. */
async function attempt(work: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof StoreError && error.code !== 'INTERRUPTED') return `${error.message}. ${error.hint}`
    throw error
  }
}

async function remake(builder: Builder, path: StorePath): Promise<string | undefined> {
  const { store } = builder
  const info = await findInfo(store, path)
  if (path.endsWith('.drv')) return rewrite
  if (info?.deriver === undefined) return 'It was added, not built: add the same file again after deleting it'
  await store.keepAlive([info.deriver])
  const derivations = new Map<StorePath, Lowered>()
  const lowered = await readLowered(store, info.deriver, derivations)
  const inputs = inputsOf(lowered, derivations)
  await realise(builder, inputs, { derivations, locals: new Map() })
  const step: Step = { lowered, inputs, needs: [] }
  await using stage = await store.stage()
  const made = await make(builder, step, stage.directory, builder.signal)
  const tree = made.find(tree => tree.path === path)
  if (!tree) return 'The derivation that is said to have made it does not make it'
  const { scan } = await settle(store, lowered, tree)
  if (!equalDigests(scan.narHash, info.narHash)) return DIFFERS
  await replaceObject(store, path, tree.staged)
  return undefined
}

/** Reads a derivation, and all that it is built from, from the store. */
async function readLowered(store: Store, path: StorePath, known: Map<StorePath, Lowered>): Promise<Lowered> {
  const info = await findInfo(store, path)
  if (!info || !(await isWhole(store, info))) throw new DerivationLost(path, info !== undefined)
  const derivation = await readDerivation(store, path)
  for (const input of derivation.inputs.keys()) if (!known.has(input)) await readLowered(store, input, known)
  const lowered = nameDerivation(derivation, known)
  known.set(path, lowered)
  return lowered
}
