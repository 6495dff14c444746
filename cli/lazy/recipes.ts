import { join } from 'node:path'
import {
  type ChannelHost,
  channelsFile,
  type OpenChannel,
  openAt,
  openChannel,
  readChannels,
  withStandard,
} from '../../builder/index.js'
import { locateStore } from '../../store/index.js'
import type { Context, Pinned } from '../context.js'

/** What the program gives to channels: where they are kept, and the library and recipes it ships. */
export const makeHost = ({
  env,
  dist,
  programs,
  note,
  signal,
  store,
}: Pick<Context, 'env' | 'dist' | 'programs' | 'note' | 'signal' | 'store'>): ChannelHost => ({
  state: locateStore(env, process.getuid!()).state,
  memory: locateStore(env, process.getuid!()),
  shipped: join(dist, '..'),
  library: join(dist, 'recipe.js'),
  evaluator: { sandbox: programs.sandbox, program: join(dist, 'evaluate.cjs'), signal },
  note,
  signal,
  openStore: store,
})

/** The user's channels as they are now, or the pinned ones as they were. */
export async function openChannels(
  host: ChannelHost,
  env: NodeJS.ProcessEnv,
  pinned: Pinned | undefined,
): Promise<readonly OpenChannel[]> {
  const opened: OpenChannel[] = []
  if (pinned) {
    const { channels, library } = pinned
    const then = library === undefined ? host : await withStandard(host, library)
    for (const { channel, commit } of channels)
      opened.push(await openAt(then, channel, commit, { isUnsigned: true }))
  } else
    for (const channel of await readChannels(channelsFile(env))) opened.push(await openChannel(host, channel))
  return opened
}
