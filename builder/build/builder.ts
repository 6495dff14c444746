import type { Provenance, Store, StorePath } from '../../store/index.js'
import type { FetchContext } from '../fetch/fetch.js'
import type { Suspension } from '../sandbox/run.js'
import type { HostUser } from '../sandbox/spec.js'
import type { Report } from './events.js'
import type { Tracing } from './tracing.js'

/** How a realisation is to go. Nothing of it changes what is built. */
export interface BuildSettings {
  /** Builds at once. */
  readonly jobs: number
  /** Processes that each build should use. */
  readonly cores: number
  readonly keepFailed: boolean
  /** Seconds that a build may take, and that it may print nothing; `undefined` is for ever. */
  readonly timeout: number | undefined
  readonly maxSilentTime: number | undefined
  /** How many times each build is made, to compare; 1 compares nothing. */
  readonly rounds: number
  /** Goes on with what a failure does not touch. */
  readonly keepGoing: boolean
  readonly tracing: Tracing
  /** Bytes: objects that nothing keeps are collected whenever less is free. */
  readonly minFree?: number | undefined
}

/** All that realising needs; each part is an effect or a choice of the command's. */
export interface Builder {
  readonly store: Store
  /** The sandbox program. */
  readonly sandbox: string
  /** How files are fetched. */
  readonly fetching: Omit<FetchContext, 'report' | 'signal'>
  /** Lends the unprivileged host user that a build of root's runs as; `undefined` for an ordinary user's own id. */
  readonly borrowUser: () => Promise<(HostUser & AsyncDisposable) | undefined>
  readonly report: Report
  readonly signal: AbortSignal
  readonly suspension: Suspension
  readonly settings: BuildSettings
  /** What the records of a derivation's outputs say of where it comes from. */
  readonly origins?: ReadonlyMap<StorePath, Provenance>
}
