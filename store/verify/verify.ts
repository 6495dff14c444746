import { pruneLinks } from '../gc/links.js'
import { removeGarbage } from '../object/garbage.js'
import { parseStorePath } from '../path.js'
import type { Store } from '../store.js'
import { checkContents, checkFiles, checkGarbage } from './objects.js'
import { makePace, type Pace, type VerifyProgress } from './pace.js'
import type { Problem } from './problem.js'
import { checkIndices, checkRecords, checkReferences } from './records.js'
import { recoverRecords } from './recover.js'
import { checkRoots } from './roots.js'

export interface VerifyOptions {
  /** Hashes every object, too. */
  readonly contents: boolean
  readonly signal: AbortSignal
  /** Called often; whether and how that is shown is up to the caller. */
  readonly report: (progress: VerifyProgress) => void
}

interface Step {
  readonly name: string
  readonly check: (store: Store, pace: Pace) => Promise<readonly Problem[]>
  readonly isDeep?: boolean
}

/** Cheapest first. Each step stands alone and only reports. */
const steps: readonly Step[] = [
  { name: 'read every record', check: checkRecords },
  { name: 'follow every reference', check: checkReferences },
  { name: 'compare the indices', check: checkIndices },
  { name: 'look at the roots', check: checkRoots },
  { name: 'look for files without a record', check: checkGarbage },
  { name: 'look at every file', check: checkFiles },
  { name: 'hash every object', check: checkContents, isDeep: true },
]

/** Finds what is wrong with the store, and changes nothing. Other commands may go on working. */
export async function verify(store: Store, options: VerifyOptions): Promise<Problem[]> {
  const problems: Problem[] = []
  for (const { name, check, isDeep } of steps) {
    if (isDeep && !options.contents) continue
    options.signal.throwIfAborted()
    options.report({ step: name })
    problems.push(...(await check(store, makePace(name, options.signal, options.report))))
  }
  return dropRepeated(problems)
}

/** What a cheap step has found a deeper one finds again. */
const dropRepeated = (problems: readonly Problem[]): Problem[] =>
  [
    ...new Map([...problems].reverse().map(problem => [`${problem.kind} ${problem.path}`, problem])).values(),
  ].reverse()

/**
 * Repairs what the store itself can: damaged records, indices, metadata, garbage, and out-links that are gone. What is
 * lost or altered stays so; verifying again tells what is left.
 */
export async function repair(store: Store, problems: readonly Problem[]): Promise<void> {
  const kinds = new Set(problems.map(({ kind }) => kind))
  if (kinds.has('damaged-record')) await recoverRecords(store)
  if (kinds.has('index') || kinds.has('damaged-record')) await store.database.repairIndices()
  if (kinds.has('garbage')) await removeGarbage(store)
  if (kinds.has('root')) await pruneLinks(store)
  for (const { kind, path } of problems) if (kind === 'metadata') await resetMetadata(store, path)
}

async function resetMetadata(store: Store, text: string): Promise<void> {
  const path = parseStorePath(text)
  await store.keepAlive([path])
  await using _lock = await store.lock(path)
  const [info] = await store.database.findInfos([path])
  if (info) await store.keeper.reset(store.locate(path))
}
