import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../../store/index.js'
import type { Emission } from '../recipe/index.js'
import { isUnchanged, newestOf, type Witness, witness } from './witness.js'

/** Where the results of evaluations are kept. */
export interface Memory {
  /** The folder of a store's state; nothing is remembered where it is missing. */
  readonly state: string
  /** The folder of its objects: what lies there never changes. */
  readonly objects: string
}

export interface Evaluation {
  readonly emission: Emission
  /** The files and folders on which it depends. */
  readonly places: readonly string[]
}

/** Changes with every change of what a key, or an entry, means. */
const FORMAT = 'evaluations-1'

/** Nanoseconds; see `digestOnce` in the store: in one tick of the clock a file may change twice and show one change. */
const MARGIN = 2_000_000_000n

export const evaluationsFolder = (state: string): string => join(state, 'cache', FORMAT)

/**
 * What `evaluate` gives, remembered for `question`: everything that it depends on beside the places it names. Places
 * among the objects are content and need no second look; others must show no change since.
 */
export async function evaluateOnce(
  { state, objects }: Memory,
  question: unknown,
  evaluate: () => Promise<Evaluation>,
): Promise<Emission> {
  const key = createHash('sha256').update(JSON.stringify(question)).digest('hex')
  const file = join(evaluationsFolder(state), key)
  const known = recall(file)
  if (known?.witnesses.every(isUnchanged)) return known.emission
  const started = BigInt(Date.now()) * 1_000_000n
  const { emission, places } = await evaluate()
  const mutable = places.filter(place => !place.startsWith(`${objects}/`))
  const witnesses = mutable.map(witness)
  if (newestOf(mutable) + MARGIN < started) remember(state, file, encodeEntry(witnesses, emission))
  return emission
}

/** Three lines: what must be unchanged, the emission, and the hash of both. */
export function encodeEntry(witnesses: readonly Witness[], emission: Emission): string {
  const lines = `${JSON.stringify({ format: FORMAT, witnesses })}\n${JSON.stringify(emission)}\n`
  return `${lines}${hashOf(lines)}\n`
}

/** What `text` says, or `undefined` when it is not whole. */
export function decodeEntry(
  text: string,
): { readonly witnesses: readonly Witness[]; readonly emission: Emission } | undefined {
  const end = text.lastIndexOf('\n', text.length - 2) + 1
  if (`${hashOf(text.slice(0, end))}\n` !== text.slice(end)) return undefined
  const [head, emission] = text.split('\n', 2)
  const { witnesses } = JSON.parse(head!)
  return { witnesses, emission: JSON.parse(emission!) }
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

function recall(file: string): ReturnType<typeof decodeEntry> {
  try {
    return decodeEntry(readFileSync(file, 'utf8'))
  } catch (error) {
    if (unreachable.has(systemCode(error))) return undefined
    throw error
  }
}

/** Where nothing can be read or written, everything is evaluated each time. */
const unreachable: ReadonlySet<string | undefined> = new Set([
  'ENOENT',
  'ENOTDIR',
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOSPC',
  'EDQUOT',
  'EIO',
])

function remember(state: string, file: string, entry: string): void {
  if (!existsSync(state)) return
  try {
    mkdirSync(evaluationsFolder(state), { recursive: true })
    const fresh = `${file}.${process.pid}`
    writeFileSync(fresh, entry)
    renameSync(fresh, file)
  } catch (error) {
    if (!unreachable.has(systemCode(error))) throw error
  }
}
