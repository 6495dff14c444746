import { resolve } from 'node:path'
import {
  BadChannel,
  type ChannelConfig,
  changeChannels,
  channelsFile,
  openChannel,
  type PullOptions,
  pullChannel,
  readChannels,
  readUrl,
  SHIPPED,
  UnknownChannel,
} from '../../builder/index.js'
import { type Arguments, defineCommand } from '../command.js'
import type { Context } from '../context.js'
import { Usage } from '../errors.js'

const usage = {
  hint: 'Usage: store channel list | add NAME URL|FOLDER | remove NAME | pull [NAME...]',
}

export const command = defineCommand({
  usage: 'channel list | add NAME URL|FOLDER | remove NAME | pull [NAME...]',
  describe: 'Say where recipes come from: folders and git repositories, each with a name',
  examples: [
    ['store channel add mine ~/recipes', 'a folder, used as it lies there'],
    ['store channel add theirs https://example.org/recipes.git --priority 1', 'before the others'],
    ['store channel pull', 'fetch what is new of all of them'],
  ],
  words: [1, Number.POSITIVE_INFINITY],
  options: {
    priority: { type: 'string', describe: 'The channel of higher priority gives a package; 0 unless told' },
    branch: { type: 'string', describe: 'The branch to pull' },
    signers: { type: 'string', describe: 'A file of ssh keys of which one must have signed a commit' },
    fingerprint: { type: 'string', array: true, describe: 'An OpenPGP key that may sign; several times' },
    unsigned: { type: 'boolean', describe: 'Take a commit that no key of the channel has signed' },
    'allow-downgrade': { type: 'boolean', describe: 'Take a commit that does not come after the last one' },
  },
  async run(context, args) {
    const [name = ''] = args.words
    const action = actions[name]
    if (!action) throw new Usage(`"store channel" cannot "${name}"`, usage)
    return { channels: await action(context, args) }
  },
  print: ({ channels }) =>
    channels.map(({ name, url, priority, commit }) =>
      [name, url, ...(commit ? [commit] : []), ...(priority ? [`priority ${priority}`] : [])].join(' '),
    ),
})

type Listed = ChannelConfig & { readonly commit?: string }
type Action = (context: Context, args: Arguments) => Promise<readonly Listed[]>

const actions: Readonly<Record<string, Action>> = {
  list: async ({ env }, { words }) => {
    if (words.length > 1) throw new Usage('"store channel list" takes no more words', usage)
    return readChannels(channelsFile(env))
  },
  add: async (context, args) => {
    const [, name = '', text = '', ...rest] = args.words
    if (text === '' || rest.length > 0) throw new Usage('"store channel add" takes a name and a URL', usage)
    const channel = readChannel(context, name, text, args)
    const file = channelsFile(context.env)
    refuseSecond(await readChannels(file), name)
    const host = await context.channelHost()
    if (!channel.url.startsWith('/') && channel.url !== SHIPPED)
      await pullChannel(host, channel, pullOptions(args))
    await openChannel(host, channel)
    await changeChannels(file, context.programs.keeper, known => {
      refuseSecond(known, name)
      return [...known, channel]
    })
    return []
  },
  remove: async ({ env, programs }, { words }) => {
    const [, name = '', ...rest] = words
    if (name === '' || rest.length > 0) throw new Usage('"store channel remove" takes one name', usage)
    await changeChannels(channelsFile(env), programs.keeper, known => {
      const removed = find(known, name)
      return known.filter(channel => channel !== removed)
    })
    return []
  },
  pull: async (context, args) => {
    const known = await readChannels(channelsFile(context.env))
    const names = args.words.slice(1)
    const chosen =
      names.length > 0
        ? names.map(name => find(known, name))
        : known.filter(({ url }) => !url.startsWith('/') && url !== SHIPPED)
    const pulled: Listed[] = []
    for (const channel of chosen) {
      const { commit } = await pullChannel(await context.channelHost(), channel, pullOptions(args))
      pulled.push({ ...channel, commit })
    }
    return pulled
  },
}

function refuseSecond(known: readonly ChannelConfig[], name: string): void {
  if (known.some(other => other.name === name))
    throw new BadChannel(name, 'there is one of this name', `Remove it first: store channel remove ${name}`)
}

const pullOptions = (args: Arguments): PullOptions => ({
  isUnsigned: args.flag('unsigned'),
  mayDowngrade: args.flag('allow-downgrade'),
})

function find(known: readonly ChannelConfig[], name: string): ChannelConfig {
  const found = known.find(channel => channel.name === name)
  if (found) return found
  throw new UnknownChannel(
    name,
    known.map(channel => channel.name),
  )
}

function readChannel({ cwd }: Context, name: string, text: string, args: Arguments): ChannelConfig {
  if (!/^[a-z0-9][a-z0-9._-]*$/i.test(name))
    throw new Usage(`"${name}" cannot be the name of a channel`, usage)
  const [priority, branch, signers] = [args.text('priority'), args.text('branch'), args.text('signers')]
  if (priority !== undefined && !/^-?\d{1,9}$/.test(priority))
    throw new Usage('--priority needs a whole number', {
      hint: 'The channel with the higher priority gives a package that several have; 0 unless told',
    })
  const fingerprints = args.texts('fingerprint').map(text => text.replaceAll(' ', '').toUpperCase())
  const bad = fingerprints.find(text => !/^[0-9A-F]{40,64}$/.test(text))
  if (bad !== undefined)
    throw new Usage(`"${bad}" is no full fingerprint of a key`, {
      hint: 'Give 40 to 64 hexadecimal digits, as printed by: gpg --list-keys --fingerprint',
    })
  return {
    name,
    url: readUrl(text) ?? resolve(cwd, text),
    ...(branch !== undefined && { branch }),
    ...(priority !== undefined && { priority: Number(priority) }),
    ...(signers !== undefined && { signers: resolve(cwd, signers) }),
    ...(fingerprints.length > 0 && { fingerprints }),
  }
}
