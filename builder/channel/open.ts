import { isAbsolute } from 'node:path'
import type { Store } from '../../store/index.js'
import type { Evaluator } from '../lower/confined.js'
import type { Memory } from '../lower/remember.js'
import { CHANNEL, makeRoot, type RecipeWorld } from '../lower/roots.js'
import { checkOut } from './checkout.js'
import { type ChannelConfig, SHIPPED } from './config.js'
import { BadChannel, Downgrade } from './errors.js'
import { describeFolder, type Pin, requireCommit } from './folder.js'
import { type LibraryPin, readLayout } from './layout.js'
import {
  type Fetching,
  fetchRepository,
  isAncestor,
  isThere,
  type Repository,
  readPulled,
  repositoryOf,
  resolveRevision,
  writePulled,
} from './repository.js'
import { namesKeys, requireSignature } from './signature.js'

/** What opening channels needs of the program. */
export interface ChannelHost {
  readonly state: string
  /** The folder of the channel that this program ships. */
  readonly shipped: string
  /** The library of this program, ready to run; it stands for the one in `shipped`. */
  readonly library: string
  readonly evaluator: Evaluator
  /** Where evaluations are remembered, if they are. */
  readonly memory?: Memory
  /** What channels are written against that name no library; the shipped channel as it is now when left out. */
  readonly standard?: Standard
  readonly note: (text: string) => void
  readonly signal?: AbortSignal
  openStore(): Promise<Store>
}

/** The shipped channel as of a commit. */
export interface Standard {
  readonly commit: string
  readonly world: RecipeWorld
}

/** A channel whose recipes can be evaluated. */
export interface OpenChannel {
  readonly name: string
  readonly world: RecipeWorld
  pin(): Promise<Pin>
  /**
   * The commit of the shipped channel that it is written against; `undefined` when it names a library itself, or when
   * no commit says what that is.
   */
  standard(): Promise<string | undefined>
}

export const locate = ({ shipped }: ChannelHost, url: string): string => (url === SHIPPED ? shipped : url)

const fetchingOf = ({ state, note, signal }: ChannelHost): Fetching => ({
  store: { state },
  note,
  ...(signal && { signal }),
})

export const repositoryFor = (host: ChannelHost, url: string): Repository =>
  repositoryOf(host, locate(host, url))

/**
 * The channel as it is now: a folder as it lies there, a URL at the commit that was pulled last. A folder whose commits
 * must be signed is used as of its commit.
 */
export async function openChannel(host: ChannelHost, channel: ChannelConfig): Promise<OpenChannel> {
  const folder = locate(host, channel.url)
  if (!isAbsolute(folder)) {
    const repository = repositoryFor(host, channel.url)
    const pulled = (await isThere(repository)) ? await readPulled(repository) : undefined
    if (pulled === undefined)
      return openAt(host, channel, (await pullChannel(host, channel, {})).commit, { isUnsigned: true })
    return openAt(host, channel, pulled.commit, pulled)
  }
  if (namesKeys(channel)) return openAt(host, channel, await requireCommit(channel, folder))
  const world = await readWorld(host, channel.name, folder)
  return {
    name: channel.name,
    world,
    pin: () => describeFolder(channel, folder),
    standard: () => standardOf(host, world),
  }
}

/** The channel as of a commit, which is a full id. */
export async function openAt(
  host: ChannelHost,
  channel: ChannelConfig,
  commit: string,
  { isUnsigned = false } = {},
): Promise<OpenChannel> {
  const repository = repositoryFor(host, channel.url)
  if (!isUnsigned) await requireSignature(channel, repository, commit)
  const folder = await checkOut(await host.openStore(), repository, commit)
  const pin = { name: channel.name, url: channel.url, commit, isDirty: false }
  const world = await readWorld(host, channel.name, folder)
  return { name: channel.name, world, pin: async () => pin, standard: () => standardOf(host, world) }
}

const shippedChannel: ChannelConfig = { name: 'store', url: SHIPPED }

/** The host on a day on which the shipped channel was at this commit. */
export async function withStandard(host: ChannelHost, commit: string): Promise<ChannelHost> {
  const { world } = await openAt(host, shippedChannel, commit)
  return { ...host, standard: { commit, world } }
}

async function standardOf(host: ChannelHost, world: RecipeWorld): Promise<string | undefined> {
  const { standard, shipped, library } = host
  if (!world.base || world.library !== (standard?.world.library ?? library)) return undefined
  if (standard) return standard.commit
  const { commit, isDirty } = await describeFolder(shippedChannel, shipped)
  return isDirty ? undefined : commit
}

/** The full id of what a user calls `revision`. */
export const resolveCommit = (host: ChannelHost, channel: ChannelConfig, revision: string): Promise<string> =>
  resolveRevision(fetchingOf(host), repositoryFor(host, channel.url), revision)

export interface PullOptions {
  readonly isUnsigned?: boolean
  readonly mayDowngrade?: boolean
}

/** Fetches a channel and moves it to the newest commit, if that is signed and comes after the one it had. */
export async function pullChannel(
  host: ChannelHost,
  channel: ChannelConfig,
  { isUnsigned = false, mayDowngrade = false }: PullOptions,
): Promise<{ readonly commit: string; readonly before: string | undefined }> {
  const repository = repositoryFor(host, channel.url)
  if (!repository.isOwn)
    throw new BadChannel(
      channel.name,
      'it is a folder of this machine',
      'Folders are used as they are: use git there',
    )
  await fetchRepository(fetchingOf(host), repository)
  const branch = channel.branch ?? 'HEAD'
  const commit = await resolveRevision(fetchingOf(host), repository, branch, { isFresh: true })
  const before = (await readPulled(repository))?.commit
  if (!isUnsigned) await requireSignature(channel, repository, commit)
  if (before !== undefined && !mayDowngrade && !(await isAncestor(repository, before, commit)))
    throw new Downgrade(channel.name, before, commit)
  await writePulled(repository, { commit, isUnsigned })
  return { commit, before }
}

/**
 * Finds the library of the recipes in `folder`: their own, the one they pin, or the shipped channel's. Pins form no cycle:
 * a commit's id cannot be known before all that it says.
 */
async function readWorld(host: ChannelHost, name: string, folder: string): Promise<RecipeWorld> {
  const { recipes, library, pin } = await readLayout(name, folder)
  const channel = await makeRoot(CHANNEL, recipes)
  const programs = { evaluator: host.evaluator, ...(host.memory && { memory: host.memory }) }
  if (folder === host.shipped) return { ...programs, library: host.library, channel }
  if (library !== undefined) return { ...programs, library, channel }
  const base = pin
    ? await readPinned(host, name, pin)
    : (host.standard?.world ?? (await readWorld(host, shippedChannel.name, host.shipped)))
  return {
    ...programs,
    library: base.library,
    channel,
    base: { name: BASE, folder: (base.base ?? base.channel).folder },
  }
}

async function readPinned(host: ChannelHost, name: string, pin: LibraryPin): Promise<RecipeWorld> {
  const repository = repositoryFor(host, pin.url)
  const commit = await resolveRevision(fetchingOf(host), repository, pin.commit)
  return readWorld(host, name, await checkOut(await host.openStore(), repository, commit))
}

/** What recipes of a channel import as `store/channel/...` when they do not carry the library themselves. */
const BASE = 'base'
