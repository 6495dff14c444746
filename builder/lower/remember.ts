import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { whereReachable, writeEntry } from '../../store/index.js'
import type { Emission } from '../recipe/index.js'
import { isUnchanged, startResting, type Witness, witness } from './witness.js'

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

/** What was evaluated, now or earlier. */
export interface Remembered {
  readonly emission: Emission
  /** What must be unchanged for it to hold; missing where something changed so recently that it cannot be told. */
  readonly witnesses?: readonly Witness[]
}

/** Changes with every change of what a key, or an entry, means. */
const FORMAT = 'evaluations-1'

export const evaluationsFolder = (state: string): string => join(state, 'cache', FORMAT)

/**
 * What `evaluate` gives, remembered for `question`: everything that it depends on beside the places it names. Places
 * among the objects are content and need no second look; others must show no change since.
 */
export async function evaluateOnce(
  { state, objects }: Memory,
  question: unknown,
  evaluate: () => Promise<Evaluation>,
): Promise<Remembered> {
  const key = createHash('sha256').update(JSON.stringify(question)).digest('hex')
  const folder = evaluationsFolder(state)
  const known = recall(join(folder, key))
  if (known?.witnesses.every(isUnchanged)) return known
  const isAtRest = startResting()
  const { emission, places } = await evaluate()
  const mutable = places.filter(place => !place.startsWith(`${objects}/`))
  const witnesses = mutable.map(witness)
  if (!isAtRest(mutable)) return { emission }
  writeEntry(state, folder, key, encodeEntry(witnesses, emission))
  return { emission, witnesses }
}

/** Three lines: what must be unchanged, the emission, and the hash of both. */
export function encodeEntry(witnesses: readonly Witness[], emission: Emission): string {
  const lines = `${JSON.stringify({ format: FORMAT, witnesses })}\n${JSON.stringify(emission)}\n`
  return `${lines}${hashOf(lines)}\n`
}

/** What `text` says, or `undefined` when it is not whole. */
export function decodeEntry(text: string): Required<Remembered> | undefined {
  const end = text.lastIndexOf('\n', text.length - 2) + 1
  if (`${hashOf(text.slice(0, end))}\n` !== text.slice(end)) return undefined
  const [head, emission] = text.split('\n', 2)
  const { witnesses } = JSON.parse(head!)
  return { witnesses, emission: JSON.parse(emission!) }
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

const recall = (file: string): ReturnType<typeof decodeEntry> =>
  whereReachable(() => decodeEntry(readFileSync(file, 'utf8')))
