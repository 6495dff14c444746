import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import {
  BadChannel,
  type ChannelConfig,
  channelsFile,
  formatPoint,
  hasChanges,
  hasRecipes,
  isContent,
  openPoint,
  type Point,
  parsePins,
  readChannels,
  readUrl,
  resolveCommit,
  SHIPPED,
  UnknownChannel,
  withKeysOf,
  withStandard,
} from '../../builder/index.js'
import { reading } from '../../store/index.js'
import { type Arguments, defineCommand } from '../command.js'
import type { Context, Pinned, PinnedChannel } from '../context.js'
import { Usage } from '../errors.js'

const usage = { hint: 'Usage: store time-machine --commit=C [--channel URL] -- COMMAND..., or -C FILE' }

export const command = defineCommand({
  usage: 'time-machine --commit=C [--channel URL] | -C FILE -- COMMAND...',
  describe: 'Run a command with the recipes, and the recipe library, of a commit',
  examples: [
    ['store time-machine --commit=1a2b3c4 -- build hello', 'the hello of that commit'],
    ['store time-machine --commit=v1 --channel=https://example.org/r.git -- show it', 'of another channel'],
    ['store time-machine -C pins.json -- build hello', 'what store describe --json wrote'],
  ],
  words: [0, 0],
  takesRest: true,
  options: {
    commit: { type: 'string', describe: 'The id of a commit, or its beginning, a tag or a branch' },
    channel: { type: 'string', describe: 'Its channel: a name of store channel list, a URL or a folder' },
    library: {
      type: 'string',
      describe: 'For channels that name no library: the --commit of the shipped one',
    },
    pins: { alias: 'C', type: 'string', describe: 'Use the commits in a file that store describe wrote' },
    unsigned: { type: 'boolean', describe: 'Use commits that no key of the channel has signed' },
  },
  async run(context, args) {
    const [name] = args.rest
    if (name === undefined) throw new Usage('There is no command after "--"', usage)
    if (name === 'time-machine' || name === 'channel')
      throw new Usage(`"store ${name}" does not run in the time machine`, usage)
    const pinned = await readPinned(context, args)
    const options = { signature: pinned.isUnsigned ? 'waived' : 'required' } as const
    const { library } = pinned
    const today = await context.channelHost()
    const host = library ? withStandard(today, library.channel, library.point, options) : today
    for (const { channel, point } of pinned.channels) {
      const opened = await openPoint(host, channel, point, options)
      if (args.text('commit') !== undefined && !(await hasRecipes(opened)))
        throw new BadChannel(
          channel.name,
          `it has no recipes at ${formatPoint(point)}`,
          'Give a later commit',
        )
    }
    const { dispatch } = await import('../run.js')
    await dispatch(args.rest, context.dist, pinned)
  },
})

/** The library of a file of pins is the one in it, unless the user says another. */
async function readPinned(context: Context, args: Arguments): Promise<Pinned> {
  const [revision, file, library] = [args.text('commit'), args.text('pins'), args.text('library')]
  if ((revision === undefined) === (file === undefined))
    throw new Usage('The time machine needs either --commit or -C', usage)
  if (file !== undefined && args.text('channel') !== undefined)
    throw new Usage('--channel says where a --commit is; the file of -C says that itself', usage)
  const known = await readChannels(channelsFile(context.env))
  const isUnsigned = args.flag('unsigned')
  const pinned =
    file === undefined
      ? await pinOne(context, await findChannel(context, known, args.text('channel')), revision!)
      : await readPins(context, known, file)
  if (library === undefined) return { ...pinned, isUnsigned }
  const shipped = withKeysOf(known, { name: 'store', url: SHIPPED })
  return { ...pinned, library: await pinChannel(context, shipped, library), isUnsigned }
}

type Found = Omit<Pinned, 'isUnsigned'>

async function pinOne(context: Context, channel: ChannelConfig, revision: string): Promise<Found> {
  const pinned = await pinChannel(context, channel, revision)
  const { point } = pinned
  if (point.kind === 'commit' && (await hasChanges(await context.channelHost(), channel, point.commit)))
    context.note(`the channel "${channel.name}" has changes that are in no commit, and are left out`)
  return { channels: [pinned], library: undefined }
}

/** The channel as of what a user calls `revision`: what names a commit, or the hash of its content. */
async function pinChannel(
  context: Context,
  channel: ChannelConfig,
  revision: string,
): Promise<PinnedChannel> {
  if (isContent(revision)) return { channel, point: { kind: 'content', content: revision } }
  const commit = await resolveCommit(await context.channelHost(), channel, revision)
  if (commit !== revision) context.note(`${revision} is ${commit}`)
  return { channel, point: { kind: 'commit', commit, isDirty: false } }
}

/** What a file of pins says. Its library is looked for when a channel needs it. */
async function readPins(context: Context, known: readonly ChannelConfig[], file: string): Promise<Found> {
  const path = resolve(context.cwd, file)
  const { library, channels } = parsePins(await reading(path, () => readFile(path, 'utf8')), path)
  const pinned: PinnedChannel[] = []
  for (const { name, url, point } of channels) {
    tellChanges(context, `channel "${name}"`, point)
    pinned.push(await pinChannel(context, withKeysOf(known, { name, url }), formatPoint(point)))
  }
  if (library === undefined) return { channels: pinned, library }
  const { url, point } = library
  if (!channels.some(channel => channel.url === url)) tellChanges(context, 'recipe library', point)
  return {
    channels: pinned,
    library: {
      channel: withKeysOf(known, { name: 'store', url }),
      point: point.kind === 'commit' ? { ...point, isDirty: false } : point,
    },
  }
}

/** Tells of changes beside a commit, which nobody can go back to. */
function tellChanges({ note }: Context, what: string, point: Point): void {
  if (point.kind === 'commit' && point.isDirty)
    note(`the ${what} had changes that are not in ${point.commit}`)
}

/** A channel of the user's by its name, any other by its URL or folder. */
async function findChannel(
  { cwd }: Context,
  known: readonly ChannelConfig[],
  text: string | undefined,
): Promise<ChannelConfig> {
  const found = known.find(({ name, url }) => text === undefined || text === name || text === url)
  if (found) return found
  if (text === undefined) throw new UnknownChannel('', [])
  const url = readUrl(text) ?? (/^[.~]|\//.test(text) ? resolve(cwd, text) : undefined)
  if (url === undefined)
    throw new UnknownChannel(
      text,
      known.map(({ name }) => name),
    )
  return known.find(channel => channel.url === url) ?? { name: url, url }
}
