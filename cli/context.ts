import { join } from 'node:path'
import type {
  Builder,
  BuildSettings,
  ChannelConfig,
  ChannelHost,
  ClosedChannel,
  OpenChannel,
  Point,
} from '../builder/index.js'
import type { Store } from '../store/index.js'
import type { Answers } from './answers.js'
import type { Arguments } from './command.js'
import type { Gauge } from './progress/gauge.js'
import type { Mode } from './progress/progress.js'
import { onSignals } from './signals.js'
import { parseSize } from './size.js'
import { inspectTerminal, plainText, type Terminal } from './terminal.js'

/** What a command may use of the world. Each part is made when it is first asked for. */
export interface Context extends AsyncDisposable {
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  readonly terminal: Terminal
  /** Ends when the user interrupts the command. */
  readonly signal: AbortSignal
  /** Lets a started program alone decide what signals mean. */
  releaseSignals(): void
  /** Tells something on stderr that is neither result nor error. */
  note(text: string): void
  /** Tells how far something is on stderr; nothing else may be told before it is disposed of. */
  gauge(): Promise<Gauge>
  readonly programs: { readonly keeper: string; readonly hashThread: string; readonly sandbox: string }
  store(): Promise<Store>
  /** The folder of the built program. */
  readonly dist: string
  /** What recipes come from: the user's channels as they are now or, in the time machine, as they were. */
  channels(): Promise<readonly OpenChannel[]>
  /** The same, none of which is open: one may be broken. */
  closedChannels(): Promise<readonly ClosedChannel[]>
  channelHost(): Promise<ChannelHost>
  /** How files are fetched: the mirrors, the proxies, and the cache of this user. */
  fetching(): Promise<Builder['fetching']>
  builder(settings: BuildSettings): Promise<Builder>
  /** Where what this command prints may be remembered. */
  readonly answers: Answers | undefined
}

/** A channel as of a point. */
export interface PinnedChannel {
  readonly channel: ChannelConfig
  readonly point: Point
}

/** Where the time machine is. */
export interface Pinned {
  readonly channels: readonly PinnedChannel[]
  /** What channels are written against that name no library; today's shipped channel without it. */
  readonly library: PinnedChannel | undefined
  /** The user takes commits that no key of their channels has signed; else one has. */
  readonly isUnsigned: boolean
}

/** `dist` is the folder of the built program, which lies beside the channel it ships. */
export async function makeContext(
  args: Arguments,
  dist: string,
  pinned: Pinned | undefined,
  answers: Answers | undefined,
): Promise<Context> {
  const { env } = process
  const programs = {
    keeper: join(dist, 'native/keeper'),
    hashThread: join(dist, 'hash.cjs'),
    sandbox: join(dist, 'native/sandbox'),
  }
  const terminal = inspectTerminal(process.stderr, env)
  const store = once(async () => (await import('./lazy/store.js')).openChosen(env, programs))
  const signals = onSignals(async () => (await store.made?.catch(() => undefined))?.suspend())
  const progress = once(async () =>
    (await import('./lazy/progress.js')).showProgress(terminal, {
      mode: progressMode(args),
      suspension: signals.suspension,
      events: args.text('events'),
    }),
  )
  const fetching = once(async () => (await import('./lazy/fetching.js')).readFetching(env))
  const note = (text: string): void => {
    if (!args.flag('quiet')) terminal.stream.write(`${plainText(text)}\n`)
  }
  const channelHost = once(async () =>
    (await import('./lazy/recipes.js')).makeHost(
      { env, dist, programs, note, signal: signals.signal, store },
      pinned,
    ),
  )
  const closedChannels = async () =>
    (await import('./lazy/recipes.js')).findChannels(await channelHost(), env, pinned)
  return {
    env,
    cwd: process.cwd(),
    terminal,
    answers,
    signal: signals.signal,
    releaseSignals: signals.stop,
    note,
    gauge: async () => {
      const { noGauge, showGauge } = await import('./lazy/progress.js')
      return args.flag('quiet') ? noGauge : showGauge(terminal, signals.suspension)
    },
    programs,
    store,
    dist,
    channels: once(async () => (await import('./lazy/recipes.js')).openAll(await closedChannels())),
    closedChannels,
    channelHost,
    fetching,
    builder: async settings => {
      const { borrowUser } = await import('./lazy/users.js')
      const opened = await store()
      const { report } = await progress()
      return {
        store: opened,
        sandbox: programs.sandbox,
        fetching: await fetching(),
        borrowUser:
          process.getuid!() === 0
            ? () => borrowUser(opened.keeper, env.STORE_BUILD_UIDS)
            : async () => undefined,
        report,
        signal: signals.signal,
        suspension: signals.suspension,
        settings: { ...settings, minFree: readMinFree(env) },
      }
    },
    [Symbol.asyncDispose]: async () => {
      signals.stop()
      await (await progress.made?.catch(() => undefined))?.end()
      // What could not be opened has been told already.
      await (await store.made?.catch(() => undefined))?.[Symbol.asyncDispose]()
    },
  }
}

function readMinFree({ STORE_MIN_FREE: text }: NodeJS.ProcessEnv): number | undefined {
  return text ? parseSize(text, 'STORE_MIN_FREE') : undefined
}

const progressMode = (args: Arguments): Mode =>
  args.flag('quiet') ? 'quiet' : args.flag('verbose') || args.flag('print-build-logs') ? 'logs' : 'normal'

/** `make`, run at the first call only; `made` is its result if there was a call. */
function once<T>(make: () => Promise<T>): (() => Promise<T>) & { readonly made: Promise<T> | undefined } {
  let made: Promise<T> | undefined
  const get = () => {
    made ??= make()
    return made
  }
  return Object.defineProperty(get, 'made', { get: () => made }) as typeof get & {
    readonly made: Promise<T> | undefined
  }
}
