import { join } from 'node:path'
import {
  type ChannelHost,
  type ClosedChannel,
  channelsFile,
  type OpenChannel,
  type OpenOptions,
  openChannel,
  openPoint,
  readChannels,
  withStandard,
} from '../../builder/index.js'
import { locateStore } from '../../store/index.js'
import type { Context, Pinned } from '../context.js'

/**
 * What the program gives to channels: where they are kept, and the library and recipes it ships or, in the time machine,
 * those of a point.
 */
export function makeHost(
  {
    env,
    dist,
    programs,
    note,
    signal,
    store,
  }: Pick<Context, 'env' | 'dist' | 'programs' | 'note' | 'signal' | 'store'>,
  pinned: Pinned | undefined,
): ChannelHost {
  const host: ChannelHost = {
    state: locateStore(env, process.getuid!()).state,
    memory: locateStore(env, process.getuid!()),
    shipped: join(dist, '..'),
    evaluator: { sandbox: programs.sandbox, program: join(dist, 'evaluate.cjs'), signal },
    note,
    signal,
    openStore: store,
  }
  return pinned?.library
    ? withStandard(host, pinned.library.channel, pinned.library.point, optionsOf(pinned))
    : host
}

/** The user's channels as they are now, or the pinned ones as they were. */
export async function findChannels(
  host: ChannelHost,
  env: NodeJS.ProcessEnv,
  pinned: Pinned | undefined,
): Promise<readonly ClosedChannel[]> {
  if (pinned)
    return pinned.channels.map(({ channel, point }) => ({
      name: channel.name,
      open: () => openPoint(host, channel, point, optionsOf(pinned)),
    }))
  const channels = await readChannels(channelsFile(env))
  return channels.map(channel => ({ name: channel.name, open: () => openChannel(host, channel) }))
}

export async function openAll(channels: readonly ClosedChannel[]): Promise<readonly OpenChannel[]> {
  const opened: OpenChannel[] = []
  for (const { open } of channels) opened.push(await open())
  return opened
}

/** The time machine has looked at the signatures before. */
const optionsOf = ({ isUnsigned }: Pinned): OpenOptions => ({ signature: isUnsigned ? 'waived' : 'verified' })
