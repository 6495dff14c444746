import { isAbsolute, resolve } from 'node:path'
import { parseJson, readSettings } from '../settings.js'
import { BadChannel, BadChannelsFile } from './errors.js'

/** A channel as the user's file names it. */
export interface ChannelConfig {
  readonly name: string
  /** What git fetches, an absolute folder, or `shipped`: the folder of this program. */
  readonly url: string
  /** The branch that is pulled; the remote's own choice when left out. */
  readonly branch?: string
  /** Of two channels that have a package, the one of higher priority gives it; then the first in the file. */
  readonly priority?: number
  /** A file of keys, as ssh's ALLOWED SIGNERS has them, one of which must have signed each commit. */
  readonly signers?: string
  /** Fingerprints of OpenPGP keys of which one must have signed each commit. */
  readonly fingerprints?: readonly string[]
}

export const SHIPPED = 'shipped'

const FORMAT = 'channels-1'

/** Without a file there is this one. */
const defaults: readonly ChannelConfig[] = [{ name: 'store', url: SHIPPED }]

/** The channels of `file`, highest priority first. */
export async function readChannels(file: string): Promise<readonly ChannelConfig[]> {
  const text = await readSettings(file)
  const channels = text === undefined ? defaults : parseChannels(text, file)
  return channels.toSorted((a, b) => (b.priority ?? 0) - (a.priority ?? 0))
}

export const formatChannels = (channels: readonly ChannelConfig[]): string =>
  `${JSON.stringify({ format: FORMAT, channels }, undefined, 2)}\n`

/** How each field reads; what is not here is refused. */
const fields: Readonly<Record<keyof ChannelConfig, (value: unknown) => boolean>> = {
  name: value => typeof value === 'string' && /^[a-z0-9][a-z0-9._-]*$/i.test(value),
  url: isChannelUrl,
  branch: value => typeof value === 'string' && /^[^\s-][^\s~^:?*[\\]*$/.test(value),
  priority: value => Number.isSafeInteger(value),
  signers: value => typeof value === 'string' && isAbsolute(value),
  fingerprints: value => Array.isArray(value) && value.every(item => /^[0-9A-F]{40,64}$/.test(String(item))),
}

/**
 * The channel that somebody else's file names, with the keys that the user asks of it: of the channel with this URL,
 * else with this name. A file can lift no requirement by naming a channel otherwise.
 */
export function withKeysOf(
  known: readonly ChannelConfig[],
  { name, url }: Pick<ChannelConfig, 'name' | 'url'>,
): ChannelConfig {
  const alike = (test: (channel: ChannelConfig) => boolean): ChannelConfig | undefined =>
    known.find(channel => test(channel) && (channel.signers ?? channel.fingerprints) !== undefined)
  const { signers, fingerprints } =
    alike(other => other.url === url) ?? alike(other => other.name === name) ?? {}
  return {
    name,
    url,
    ...(signers !== undefined && { signers }),
    ...(fingerprints !== undefined && { fingerprints }),
  }
}

const PASSWORD = /^\w+:\/\/[^/@]*:[^/@]*@/

/** A password; or any user of https, as whom tokens are given, while ssh needs one. */
const mayHaveSecret = (url: string): boolean => PASSWORD.test(url) || /^https?:\/\/[^/?#]*@/i.test(url)

/** A URL as `readUrl` takes it: records may have what is refused by now. */
export const withoutSecret = (url: string): string =>
  url.replace(/^(https?:\/\/)[^/?#]*@/i, '$1').replace(/^(\w+:\/\/[^/@:]*):[^/@]*@/, '$1@')

/**
 * The channel's URL that a user means by `text`, or `undefined` where it is none: then it is a folder. A secret in it
 * would stand in the record of every object that is built from the channel.
 */
export function readUrl(text: string): string | undefined {
  if (mayHaveSecret(text))
    throw new BadChannel(
      withoutSecret(text),
      'its URL has a user or a password, which would be written to the record of each object',
      'Leave it out, and let a credential helper of git give it: git help credentials',
    )
  if (isChannelUrl(text)) return normaliseUrl(text)
  if (/^\w+:\/\//.test(text))
    throw new BadChannel(text, 'it is no URL of a kind that git fetches', 'Use https, ssh, file or git')
  return undefined
}

/** One spelling for each folder, whose keys are asked for by it. */
export const normaliseUrl = (url: string): string => (isAbsolute(url) ? resolve(url) : url)

/** Whether a value is a URL that a file may have: old commits and pins name users of https, as whom anybody fetches. */
export function isChannelUrl(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    !PASSWORD.test(value) &&
    (value === SHIPPED ||
      isAbsolute(value) ||
      /^(https?|ssh|file|git):\/\/./.test(value) ||
      /^[\w.-]+@[\w.-]+:./.test(value))
  )
}

export function parseChannels(text: string, file: string): readonly ChannelConfig[] {
  const fail = (reason: string): never => {
    throw new BadChannelsFile(file, reason)
  }
  const value = parseJson(text) ?? fail('it is not a record in JSON')
  if (value.format !== FORMAT) fail(`its format is ${JSON.stringify(value.format)}, not "${FORMAT}"`)
  const { format: _format, channels, ...others } = value
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) fail(`it has an unknown field "${unknown}"`)
  if (!Array.isArray(channels)) return fail('"channels" is not a list')
  const read = channels.map((channel: Readonly<Record<string, unknown>>, i): ChannelConfig => {
    if (typeof channel !== 'object' || channel === null) fail(`channel ${i + 1} is not a record`)
    for (const [field, given] of Object.entries(channel)) {
      const isRight = Object.hasOwn(fields, field) && fields[field as keyof ChannelConfig]
      if (!isRight) fail(`channel ${i + 1} has an unknown field "${field}"`)
      else if (field === 'url' && mayHaveSecret(String(given)))
        fail(
          `channel ${i + 1} has a user or a password in its URL, which only git's credential helpers may know`,
        )
      else if (!isRight(given)) fail(`channel ${i + 1} has a wrong ${field}: ${JSON.stringify(given)}`)
    }
    if (channel.name === undefined || channel.url === undefined) fail(`channel ${i + 1} lacks a name or url`)
    const config = channel as unknown as ChannelConfig
    return { ...config, url: normaliseUrl(config.url) }
  })
  const twice = read.find(({ name }, i) => read.findIndex(other => other.name === name) !== i)
  if (twice) fail(`two channels are called "${twice.name}"`)
  return read
}

/** Whether a value is the full id of a commit, as files spell it. */
export const isCommitId = (value: unknown): value is string =>
  typeof value === 'string' && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(value)
