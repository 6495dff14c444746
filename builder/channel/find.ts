import { StoreError } from '../../store/index.js'
import { Interrupted } from '../build/errors.js'
import { UnknownPackage } from '../lower/errors.js'
import { channelFiles } from '../lower/load.js'
import {
  type FindOptions,
  type FoundPackage,
  findPackage,
  hasPackage,
  type PackageName,
  parsePackageName,
} from '../lower/packages.js'
import type { RecipeWorld } from '../lower/roots.js'
import { listSound } from '../lower/sound.js'
import type { EmittedPackage } from '../recipe/index.js'
import type { OpenChannel } from './open.js'

/** A package, and the channel that gives it; a recipe file that was named is in none. */
export interface PackageOfChannel extends FoundPackage {
  readonly channel: OpenChannel | undefined
}

/** How a package is looked for, and whom is told what else was seen. */
type FindHere = FindOptions & { readonly note: (text: string) => void }

/** Finds a package in the first channel that has it, and tells of others that have it, too. */
export async function findInChannels(
  channels: readonly OpenChannel[],
  text: string,
  options: FindHere,
): Promise<PackageOfChannel> {
  const asked = parsePackageName(text)
  if (asked.kind === 'file')
    return { ...(await findPackage(worldOfFiles(channels), text, options)), channel: undefined }
  let unknown: UnknownPackage | undefined
  for (const [i, channel] of channels.entries()) {
    try {
      const found = await findPackage(channel.world, text, options)
      await tellOthers(channel, channels.slice(i + 1), asked, options)
      return { ...found, channel }
    } catch (error) {
      if (!(error instanceof UnknownPackage)) throw error
      unknown ??= error
    }
  }
  throw unknown ?? new UnknownPackage(text, [], 'There is no channel: store channel add NAME URL')
}

/** Tells which of `others` have a package that was found. What is wrong with them does not matter to it. */
async function tellOthers(
  { name: first }: OpenChannel,
  others: readonly OpenChannel[],
  asked: Extract<PackageName, { kind: 'channel' }>,
  { note }: FindHere,
): Promise<void> {
  const what = asked.version === undefined ? asked.name : `${asked.name}@${asked.version}`
  const having: string[] = []
  for (const { name, world } of others) {
    try {
      if (await hasPackage(world, asked)) having.push(name)
    } catch (error) {
      if (!(error instanceof StoreError) || error instanceof Interrupted) throw error
      note(`whether the channel "${name}" has "${what}", too, cannot be seen: ${error.message}`)
    }
  }
  if (having.length > 0)
    note(
      `"${what}" is of the channel "${first}"; ${having.join(', ')} ${having.length > 1 ? 'have' : 'has'} it, too`,
    )
}

/** What a recipe file of no channel is written against: the first channel that has a library of its own. */
export const worldOfFiles = (channels: readonly OpenChannel[]): RecipeWorld => {
  const [channel] = [...channels].sort(
    (a, b) => Number(Boolean(a.world.base)) - Number(Boolean(b.world.base)),
  )
  if (!channel)
    throw new UnknownPackage('store/recipe', [], 'There is no channel: store channel add NAME URL')
  return channel.world
}

export const hasRecipes = async ({ world }: OpenChannel): Promise<boolean> =>
  (await channelFiles(world.channel)).length > 0

/** A channel that is not open yet. */
export interface ClosedChannel {
  readonly name: string
  open(): Promise<OpenChannel>
}

export interface Listed {
  readonly packages: readonly (EmittedPackage & { readonly channel: string })[]
  /** Why channels, or recipes of them, are not among these. */
  readonly mistakes: readonly StoreError[]
}

/**
 * The packages of all channels, by name; what several have is of the first one. What is wrong with a channel, or with a
 * recipe, does not keep the others from being listed.
 */
export async function listAll(channels: readonly ClosedChannel[]): Promise<Listed> {
  const all = new Map<string, Listed['packages'][number]>()
  const mistakes: StoreError[] = []
  for (const { name: channel, open } of channels) {
    const found = await list(open, mistake => mistakes.push(mistake))
    for (const each of found) {
      const key = `${each.name}@${each.version}`
      if (!all.has(key)) all.set(key, { ...each, channel })
    }
  }
  const packages = [...all.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  return { packages, mistakes }
}

async function list(
  open: ClosedChannel['open'],
  tell: (mistake: StoreError) => void,
): Promise<readonly EmittedPackage[]> {
  try {
    return await listSound((await open()).world, tell)
  } catch (error) {
    if (!(error instanceof StoreError) || error instanceof Interrupted) throw error
    tell(error)
    return []
  }
}
