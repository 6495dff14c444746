import { readFile } from 'node:fs/promises'
import {
  equalDigests,
  findInfo,
  formatStorePath,
  replaceObject,
  type Store,
  StoreError,
  type StorePath,
} from '../../store/index.js'
import { decodeDerivation } from '../derivation/decode.js'
import type { Lowered } from '../derivation/derivation.js'
import { nameDerivation } from '../derivation/hash.js'
import { inputsOf, type Step } from '../plan/plan.js'
import type { Builder } from './builder.js'
import { realise } from './realise.js'
import { make, settle } from './step.js'

/** What became of an object whose files were missing or altered. */
export interface Remade {
  readonly path: StorePath
  /** Why it could not be made as it was; `undefined` when it is whole again. */
  readonly failure: string | undefined
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
    remade.push({ path, failure: await attempt(() => remake(builder, path)) })
  }
  return remade
}

/** The failure of one object keeps no other from being made. */
async function attempt(work: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof StoreError && error.code !== 'INTERRUPTED') return error.message
    throw error
  }
}

async function remake(builder: Builder, path: StorePath): Promise<string | undefined> {
  const { store } = builder
  const info = await findInfo(store, path)
  if (info?.deriver === undefined) return 'It was added, not built: add the same file again after deleting it'
  if (!(await findInfo(store, info.deriver)))
    return `The derivation that made it, ${formatStorePath(info.deriver)}, is not in the store any more: build its package again`
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
  if (!equalDigests(scan.narHash, info.narHash))
    return 'Made again, it has other bytes: it is not reproducible'
  await replaceObject(store, path, tree.staged)
  return undefined
}

/** Reads a derivation, and all that it is built from, from the store. */
async function readLowered(store: Store, path: StorePath, known: Map<StorePath, Lowered>): Promise<Lowered> {
  const derivation = decodeDerivation(await readFile(store.locate(path)), formatStorePath(path))
  for (const input of derivation.inputs.keys()) if (!known.has(input)) await readLowered(store, input, known)
  const lowered = nameDerivation(derivation, known)
  known.set(path, lowered)
  return lowered
}
