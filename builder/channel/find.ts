import { UnknownPackage } from '../lower/errors.js'
import {
  channelFiles,
  type FindOptions,
  type FoundPackage,
  findPackage,
  listPackages,
  parsePackageName,
} from '../lower/packages.js'
import type { RecipeWorld } from '../lower/roots.js'
import type { EmittedPackage } from '../recipe/index.js'
import type { OpenChannel } from './open.js'

/** A package, and the channel that gives it; a recipe file that was named is in none. */
export interface PackageOfChannel extends FoundPackage {
  readonly channel: OpenChannel | undefined
}

/** Finds a package in the first channel that has it, and tells of others that have it, too. */
export async function findInChannels(
  channels: readonly OpenChannel[],
  text: string,
  options: FindOptions & { readonly note: (text: string) => void },
): Promise<PackageOfChannel> {
  if (parsePackageName(text).kind === 'file')
    return { ...(await findPackage(worldOfFiles(channels), text, options)), channel: undefined }
  let found: PackageOfChannel | undefined
  let unknown: UnknownPackage | undefined
  const others: string[] = []
  for (const channel of channels) {
    try {
      const here = await findPackage(channel.world, text, options)
      if (found) others.push(channel.name)
      else found = { ...here, channel }
    } catch (error) {
      if (!(error instanceof UnknownPackage)) throw error
      unknown ??= error
    }
  }
  if (!found) throw unknown ?? new UnknownPackage(text, [], 'There is no channel: store channel add NAME URL')
  if (others.length > 0)
    options.note(
      `"${text}" is of the channel "${found.channel!.name}"; ${others.join(', ')} ${others.length > 1 ? 'have' : 'has'} it, too`,
    )
  return found
}

/** What a recipe file of no channel is written against: the first channel that has a library of its own. */
const worldOfFiles = (channels: readonly OpenChannel[]): RecipeWorld => {
  const [channel] = [...channels].sort(
    (a, b) => Number(Boolean(a.world.base)) - Number(Boolean(b.world.base)),
  )
  if (!channel)
    throw new UnknownPackage('store/recipe', [], 'There is no channel: store channel add NAME URL')
  return channel.world
}

export const hasRecipes = async ({ world }: OpenChannel): Promise<boolean> =>
  (await channelFiles(world.channel)).length > 0

/** The packages of all channels, by name; what several have is of the first one. */
export async function listAll(
  channels: readonly OpenChannel[],
): Promise<readonly (EmittedPackage & { readonly channel: string })[]> {
  const all = new Map<string, EmittedPackage & { readonly channel: string }>()
  for (const { name: channel, world } of channels)
    for (const found of await listPackages(world)) {
      const key = `${found.name}@${found.version}`
      if (!all.has(key)) all.set(key, { ...found, channel })
    }
  return [...all.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}
