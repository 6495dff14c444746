import { rm } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { BASE, CHANNEL, makeRoot, type RecipeWorld } from '../lower/roots.js'
import { checkOut } from './checkout.js'
import { type ChannelConfig, SHIPPED } from './config.js'
import { findOtherContent } from './content.js'
import { BadChannel, OtherContent, UnknownCommit } from './errors.js'
import { describeFolder, type FolderPin, type Point, refuseBare, requireCommit } from './folder.js'
import { type ChannelHost, fetchingOf, locate, repositoryFor } from './host.js'
import { type LibraryPin, readLayout } from './layout.js'
import { pullChannel } from './pull.js'
import { readPulled } from './pulled.js'
import { isThere } from './repository.js'
import { resolveRevision } from './resolve.js'
import { namesKeys, requireSignature } from './signature.js'

/** A channel whose recipes can be evaluated. */
export interface OpenChannel {
  readonly name: string
  readonly world: RecipeWorld
  pin(): Promise<FolderPin>
  /** The channel whose library it is written against; `undefined` when it names a library itself. */
  standard(): Promise<FolderPin | undefined>
}

/**
 * The channel as it is now: a folder as it lies there, a URL at the commit that was pulled last. A folder whose commits
 * must be signed is used as of its commit.
 */
export async function openChannel(host: ChannelHost, channel: ChannelConfig): Promise<OpenChannel> {
  const folder = locate(host, channel.url)
  if (!isAbsolute(folder)) {
    const pulled = await readPulled(repositoryFor(host, channel.url), channel)
    if (pulled === undefined)
      return openAt(host, channel, (await pullChannel(host, channel, {})).commit, { signature: 'verified' })
    await restoreClone(host, channel, pulled.commit)
    return openAt(host, channel, pulled.commit, { signature: pulled.isUnsigned ? 'waived' : 'required' })
  }
  await refuseBare(channel.name, folder)
  if (namesKeys(channel)) return openAt(host, channel, await requireCommit(host, channel, folder))
  const read = await readWorld(host, channel.name, folder)
  return openedAs(host, channel, read, () => describeFolder(host, channel, folder))
}

/** Fetches a clone that is lost: what was pulled is still what the channel is at, whatever is the newest now. */
async function restoreClone(host: ChannelHost, { name, url }: ChannelConfig, commit: string): Promise<void> {
  const repository = repositoryFor(host, url)
  if (await isThere(repository)) return
  await resolveRevision(fetchingOf(host), repository, commit).catch(async error => {
    if (!(error instanceof UnknownCommit)) throw error
    // Of a clone that is there the commit would be taken for damaged.
    await rm(repository.folder, { recursive: true, force: true })
    throw new BadChannel(
      name,
      `its clone is lost, and its URL no longer has the commit ${commit} that was pulled`,
      `To take the newest one instead: store channel pull ${name} --allow-downgrade`,
    )
  })
}

export interface OpenOptions {
  /** Of a channel that names keys: one must have signed the commit, did as was seen before, or the user takes any. */
  readonly signature?: 'required' | 'verified' | 'waived'
}

/** The channel as of a commit, which is a full id. */
export async function openAt(
  host: ChannelHost,
  channel: ChannelConfig,
  commit: string,
  options: OpenOptions = {},
): Promise<OpenChannel> {
  const repository = repositoryFor(host, channel.url)
  if ((options.signature ?? 'required') === 'required') await requireSignature(channel, repository, commit)
  const folder = await checkOut(await host.openStore(), repository, commit)
  const pin = pinAt(channel, { kind: 'commit', commit, isDirty: false }, options)
  return openedAs(host, channel, await readWorld(host, channel.name, folder), async () => pin)
}

const pinAt = (channel: ChannelConfig, point: Point, { signature }: OpenOptions): FolderPin => ({
  name: channel.name,
  url: channel.url,
  point,
  problem: undefined,
  isUnsigned: signature === 'waived' && namesKeys(channel),
})

const openedAs = (
  host: ChannelHost,
  { name }: ChannelConfig,
  { world, isStandard }: ReadWorld,
  pin: OpenChannel['pin'],
): OpenChannel => ({
  name,
  world,
  pin,
  standard: async () => (isStandard ? describeStandard(host) : undefined),
})

/** The channel as it was at a point. What is known by its content is used as it lies there, if it has that still. */
export async function openPoint(
  host: ChannelHost,
  channel: ChannelConfig,
  point: Point,
  options: OpenOptions = {},
): Promise<OpenChannel> {
  if (point.kind === 'commit') return openAt(host, channel, point.commit, options)
  const folder = locate(host, channel.url)
  if (!isAbsolute(folder))
    throw new BadChannel(channel.name, 'only a folder is known by the hash of its content', 'Give a commit')
  const opened = await openChannel(host, channel)
  const found = await findOtherContent(channel.name, folder, point.content)
  if (found !== undefined) throw new OtherContent(channel.name, point.content, found, channel.url === SHIPPED)
  return opened
}

const shippedChannel: ChannelConfig = { name: 'store', url: SHIPPED }

/** The host on a day on which channels were written against this one at this point. */
export function withStandard(
  host: ChannelHost,
  channel: ChannelConfig,
  point: Point,
  options: OpenOptions = {},
): ChannelHost {
  let opening: Promise<RecipeWorld> | undefined
  const open = async (): Promise<RecipeWorld> => {
    if (point.kind === 'commit') await resolveCommit(host, channel, point.commit)
    const { world } = await openPoint(host, channel, point, options)
    if (world.base) throw new BadChannel(channel.name, 'it carries no library')
    return world
  }
  return {
    ...host,
    standard: {
      pin: pinAt(channel, point, options),
      open: () => {
        opening ??= open()
        return opening
      },
    },
  }
}

/** The channel that those are written against which name no library. */
export const describeStandard = async (host: ChannelHost): Promise<FolderPin> =>
  host.standard?.pin ?? (await describeFolder(host, shippedChannel, host.shipped))

/** The full id of what a user calls `revision`. */
export const resolveCommit = (host: ChannelHost, channel: ChannelConfig, revision: string): Promise<string> =>
  resolveRevision(fetchingOf(host), repositoryFor(host, channel.url), revision)

interface ReadWorld {
  readonly world: RecipeWorld
  /** It is written against whatever channels are that name no library. */
  readonly isStandard: boolean
}

/**
 * Finds the library of the recipes in `folder`: their own, the one they pin, or the shipped channel's. Pins form no cycle:
 * a commit's id cannot be known before all that it says.
 */
async function readWorld(host: ChannelHost, name: string, folder: string): Promise<ReadWorld> {
  const { recipes, library, pin } = await readLayout(name, folder)
  const channel = await makeRoot(CHANNEL, recipes)
  const programs = { evaluator: host.evaluator, ...(host.memory && { memory: host.memory }) }
  if (library !== undefined) return { world: { ...programs, library, channel }, isStandard: false }
  if (folder === host.shipped)
    throw new BadChannel(name, 'this program has lost its recipe library', 'Install it anew')
  const base = pin ? await readPinned(host, name, pin) : await readStandard(host)
  const { folder: recipesOfBase } = base.base ?? base.channel
  return {
    world: { ...programs, library: base.library, channel, base: { name: BASE, folder: recipesOfBase } },
    isStandard: pin === undefined,
  }
}

const readStandard = async (host: ChannelHost): Promise<RecipeWorld> =>
  host.standard?.open() ?? (await readWorld(host, shippedChannel.name, host.shipped)).world

async function readPinned(host: ChannelHost, name: string, pin: LibraryPin): Promise<RecipeWorld> {
  const repository = repositoryFor(host, pin.url)
  const commit = await resolveRevision(fetchingOf(host), repository, pin.commit)
  return (await readWorld(host, name, await checkOut(await host.openStore(), repository, commit))).world
}
