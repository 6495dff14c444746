import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import {
  BadPins,
  type ChannelConfig,
  channelsFile,
  isChannelUrl,
  openAt,
  parsePins,
  readChannels,
  refusePassword,
  resolveCommit,
  SHIPPED,
  UnknownChannel,
  withKeysOf,
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
    library: { type: 'string', describe: 'For channels that name no library: a commit of the shipped one' },
    pins: { alias: 'C', type: 'string', describe: 'Use the commits in a file that store describe wrote' },
    unsigned: { type: 'boolean', describe: 'Use commits that no key of the channel has signed' },
  },
  async run(context, args) {
    const [name] = args.rest
    if (name === undefined) throw new Usage('There is no command after "--"', usage)
    if (name === 'time-machine' || name === 'channel')
      throw new Usage(`"store ${name}" does not run in the time machine`, usage)
    const pinned = await readPinned(context, args)
    for (const { channel, commit } of pinned.channels)
      await openAt(await context.channelHost(), channel, commit, { isUnsigned: args.flag('unsigned') })
    const { dispatch } = await import('../run.js')
    await dispatch(args.rest, context.dist, pinned)
  },
})

/** With a file the library is that of the shipped channel in it, unless the user says another. */
async function readPinned(context: Context, args: Arguments): Promise<Pinned> {
  const channels = await readPins(context, args)
  const given = args.text('library')
  const library =
    given ?? channels.find(({ channel }) => args.text('pins') && channel.url === SHIPPED)?.commit
  if (library === undefined) return { channels, library }
  const known = await readChannels(channelsFile(context.env))
  const shipped = withKeysOf(known, { name: 'store', url: SHIPPED })
  const host = await context.channelHost()
  const commit = await resolveCommit(host, shipped, library)
  if (commit !== library) context.note(`${library} is ${commit}`)
  await openAt(host, shipped, commit, { isUnsigned: args.flag('unsigned') })
  return { channels, library: commit }
}

async function readPins(context: Context, args: Arguments): Promise<readonly PinnedChannel[]> {
  const [revision, file] = [args.text('commit'), args.text('pins')]
  if ((revision === undefined) === (file === undefined))
    throw new Usage('The time machine needs either --commit or -C', usage)
  const known = await readChannels(channelsFile(context.env))
  if (revision !== undefined) {
    const channel = await findChannel(context, known, args.text('channel'))
    const commit = await resolveCommit(await context.channelHost(), channel, revision)
    if (commit !== revision) context.note(`${revision} is ${commit}`)
    return [{ channel, commit }]
  }
  const path = resolve(context.cwd, file!)
  const pins: PinnedChannel[] = []
  for (const { name, url, commit, dirty } of parsePins(
    await reading(path, () => readFile(path, 'utf8')),
    path,
  ).channels) {
    if (commit === null)
      throw new BadPins(path, `the channel "${name}" was a plain folder, which has no commit`)
    if (dirty) context.note(`the channel "${name}" had changes that are not in ${commit}`)
    const channel = withKeysOf(known, { name, url })
    pins.push({ channel, commit: await resolveCommit(await context.channelHost(), channel, commit) })
  }
  return pins
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
  refusePassword(text)
  const url = isChannelUrl(text) ? text : /^[.~]|\//.test(text) ? resolve(cwd, text) : undefined
  if (url === undefined)
    throw new UnknownChannel(
      text,
      known.map(({ name }) => name),
    )
  return known.find(channel => channel.url === url) ?? { name: url, url }
}
