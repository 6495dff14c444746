import type { Store } from '../../store/index.js'
import type { Evaluator } from '../lower/confined.js'
import type { Memory } from '../lower/remember.js'
import type { RecipeWorld } from '../lower/roots.js'
import { SHIPPED } from './config.js'
import type { Fetching } from './fetch.js'
import type { FolderPin } from './folder.js'
import { type Repository, repositoryOf } from './repository.js'

/** What opening channels needs of the program. */
export interface ChannelHost {
  readonly state: string
  /** The folder of the channel that this program ships. */
  readonly shipped: string
  readonly evaluator: Evaluator
  /** Where evaluations are remembered, if they are. */
  readonly memory?: Memory
  /** What channels are written against that name no library; the shipped channel as it is now when left out. */
  readonly standard?: Standard
  readonly note: (text: string) => void
  readonly signal?: AbortSignal
  openStore(): Promise<Store>
}

/** A channel with a library, as of one point. It is opened once a channel needs it. */
export interface Standard {
  readonly pin: FolderPin
  open(): Promise<RecipeWorld>
}

export const locate = ({ shipped }: ChannelHost, url: string): string => (url === SHIPPED ? shipped : url)

export const fetchingOf = ({ state, note, signal, evaluator }: ChannelHost): Fetching => ({
  store: { state },
  note,
  sandbox: evaluator.sandbox,
  ...(signal && { signal }),
})

export const repositoryFor = (host: ChannelHost, url: string): Repository => ({
  ...repositoryOf(host, locate(host, url)),
  url,
})
