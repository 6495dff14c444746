import type { CollectProgress, StorePath } from '../../store/index.js'
import type { Work } from '../plan/plan.js'

/** One derivation that is to be realised. */
export interface PlannedStep {
  readonly path: StorePath
  readonly name: string
  readonly work: Work
  /** Those of the plan that must come first. */
  readonly needs: readonly StorePath[]
  /** Seconds that builds of its package took before; `undefined` when there was none. */
  readonly usual: number | undefined
}

/** One step, as the events about it name it. */
interface About {
  /** The derivation. */
  readonly path: StorePath
  readonly name: string
  readonly work: Work
}

/** What a realisation tells while it works; commands show it. It begins with `planned` and closes with `ended`. */
export type BuildEvent =
  | { readonly kind: 'planned'; readonly steps: readonly PlannedStep[] }
  | ({ readonly kind: 'started' } & About)
  /** Another command is realising the same. */
  | ({ readonly kind: 'waiting' } & About)
  /** Another command has realised it. */
  | ({ readonly kind: 'found' } & About)
  | { readonly kind: 'phase'; readonly path: StorePath; readonly phase: string }
  | { readonly kind: 'line'; readonly path: StorePath; readonly name: string; readonly line: string }
  | {
      readonly kind: 'progress'
      readonly path: StorePath
      readonly bytes: number
      readonly total: number | undefined
    }
  /** A URL failed: it is asked again after so many seconds, or not at once when there are none. */
  | {
      readonly kind: 'retrying'
      readonly path: StorePath
      readonly url: string
      readonly reason: string
      readonly seconds: number | undefined
    }
  | ({ readonly kind: 'finished'; readonly seconds: number } & About)
  | ({ readonly kind: 'failed'; readonly code: string; readonly message: string } & About)
  /** It was given up, because of an interruption or of a failure elsewhere. */
  | ({ readonly kind: 'stopped' } & About)
  /** Little space is left, so what nothing keeps is being deleted; told now and then. */
  | { readonly kind: 'collecting'; readonly progress: CollectProgress }
  | { readonly kind: 'collected'; readonly objects: number; readonly bytes: number }
  | { readonly kind: 'warning'; readonly text: string }
  | { readonly kind: 'ended'; readonly seconds: number }

export type Report = (event: BuildEvent) => void
