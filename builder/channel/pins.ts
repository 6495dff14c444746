import { BadDigest, formatDigest, parseDigest } from '../../store/index.js'
import { parseJson } from '../settings.js'
import { isChannelUrl, isCommitId, normaliseUrl, SHIPPED } from './config.js'
import { BadPins } from './errors.js'
import type { Pin, Point } from './folder.js'

/** What `store describe --json` prints. */
export interface WrittenPins {
  readonly format: typeof FORMAT
  /** What channels are written against that name no library. */
  readonly library: WrittenPoint
  readonly channels: readonly ({ readonly name: string } & WrittenPoint)[]
}

/** A channel's URL, with what names its recipes. */
export type WrittenPoint =
  | { readonly url: string; readonly commit: string; readonly dirty: boolean }
  | { readonly url: string; readonly content: string }

/** What `store time-machine -C` reads. */
export interface Pins {
  /** Files of `pins-1` have one only where they have the shipped channel. */
  readonly library?: Omit<Pin, 'name'>
  readonly channels: readonly Pin[]
}

const FORMAT = 'pins-2'
const FIRST_FORMAT = 'pins-1'

export const makePins = ({ library, channels }: Required<Pins>): WrittenPins => ({
  format: FORMAT,
  library: write(library),
  channels: channels.map(({ name, ...pin }) => ({ name, ...write(pin) })),
})

const write = ({ url, point }: Omit<Pin, 'name'>): WrittenPoint =>
  point.kind === 'commit'
    ? { url, commit: point.commit, dirty: point.isDirty }
    : { url, content: point.content }

/** Reads pins. `file` stands for them in errors. */
export function parsePins(text: string, file: string): Pins {
  const fail = (reason: string): never => {
    throw new BadPins(file, reason)
  }
  const { format, channels, ...others } = parseJson(text) ?? fail('it is not a record in JSON')
  if (format !== FORMAT && format !== FIRST_FORMAT)
    fail(`its format is ${JSON.stringify(format)}, not "${FORMAT}"`)
  const known = format === FORMAT ? ['library'] : []
  const unknown = Object.keys(others).find(field => !known.includes(field))
  if (unknown !== undefined) fail(`it has an unknown field "${unknown}"`)
  if (!Array.isArray(channels) || channels.length === 0) return fail('it has no channels')
  const read = (what: string, value: unknown, isNamed: boolean): Pin => {
    const record = isRecord(value) ? value : fail(`${what} is not a record`)
    if (format === FIRST_FORMAT && record.commit === null)
      fail(`the channel "${record.name}" was a plain folder, which has no commit`)
    const names = [...(isNamed ? ['name'] : []), 'url', ...('content' in record ? ['content'] : commitFields)]
    for (const field of new Set([...names, ...Object.keys(record)])) {
      if (!names.includes(field)) fail(`${what} has an unknown field "${field}"`)
      else if (!fields[field]!(record[field])) fail(`${what} has no right ${field}`)
    }
    return { name: String(record.name), url: normaliseUrl(String(record.url)), point: readPoint(record) }
  }
  const pins = channels.map((channel, i) => read(`channel ${i + 1}`, channel, true))
  if (format === FORMAT) {
    const { url, point } = read('the library', others.library, false)
    return { library: { url, point }, channels: pins }
  }
  const shipped = pins.find(({ url }) => url === SHIPPED)
  return { ...(shipped && { library: { url: SHIPPED, point: shipped.point } }), channels: pins }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const readPoint = ({ commit, dirty, content }: Readonly<Record<string, unknown>>): Point =>
  content === undefined
    ? { kind: 'commit', commit: String(commit), isDirty: dirty === true }
    : { kind: 'content', content: String(content) }

const commitFields = ['commit', 'dirty']

/** How each field reads; all of a pin's kind are needed, and no others. */
const fields: Readonly<Record<string, (value: unknown) => boolean>> = {
  name: value => typeof value === 'string' && value !== '',
  url: isChannelUrl,
  commit: isCommitId,
  dirty: value => typeof value === 'boolean',
  content: value => typeof value === 'string' && isContent(value),
}

/** Whether `text` is the hash of a channel's content, spelt as it is written. */
export function isContent(text: string): boolean {
  try {
    return text.startsWith('blake3-') && formatDigest(parseDigest(text)) === text
  } catch (error) {
    if (error instanceof BadDigest) return false
    throw error
  }
}
