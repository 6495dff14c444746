import { isChannelUrl, parseJson } from './config.js'
import { BadPins } from './errors.js'
import type { Pin } from './folder.js'

/** What `store describe --json` prints and `store time-machine -C` reads. */
export interface Pins {
  readonly format: typeof FORMAT
  readonly channels: readonly WrittenPin[]
}

export interface WrittenPin {
  readonly name: string
  readonly url: string
  /** `null` for a plain folder, which nobody can pin. */
  readonly commit: string | null
  readonly dirty: boolean
}

const FORMAT = 'pins-1'

export const makePins = (pins: readonly Pin[]): Pins => ({
  format: FORMAT,
  channels: pins.map(({ name, url, commit, isDirty }) => ({
    name,
    url,
    commit: commit ?? null,
    dirty: isDirty,
  })),
})

/** How each field reads; all are needed, and no others. */
const fields: Readonly<Record<keyof WrittenPin, (value: unknown) => boolean>> = {
  name: value => typeof value === 'string' && value !== '',
  url: isChannelUrl,
  commit: value =>
    value === null || (typeof value === 'string' && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(value)),
  dirty: value => typeof value === 'boolean',
}

/** Reads pins. `file` stands for them in errors. */
export function parsePins(text: string, file: string): Pins {
  const fail = (reason: string): never => {
    throw new BadPins(file, reason)
  }
  const { format, channels, ...others } = parseJson(text) ?? fail('it is not a record in JSON')
  if (format !== FORMAT) fail(`its format is ${JSON.stringify(format)}, not "${FORMAT}"`)
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) fail(`it has an unknown field "${unknown}"`)
  if (!Array.isArray(channels) || channels.length === 0) return fail('it has no channels')
  for (const [i, channel] of channels.entries()) {
    if (typeof channel !== 'object' || channel === null) fail(`channel ${i + 1} is not a record`)
    for (const field of new Set([...Object.keys(fields), ...Object.keys(channel)])) {
      const isRight = Object.hasOwn(fields, field) && fields[field as keyof WrittenPin]
      if (!isRight) fail(`channel ${i + 1} has an unknown field "${field}"`)
      else if (!isRight(channel[field])) fail(`channel ${i + 1} has no right ${field}`)
    }
  }
  return { format: FORMAT, channels: channels as WrittenPin[] }
}
