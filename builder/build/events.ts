import type { StorePath } from '../../store/index.js'
import type { Work } from '../plan/plan.js'

/** What a realisation tells while it works; commands show it. `path` is the derivation's. */
export type BuildEvent =
  | { readonly kind: 'planned'; readonly builds: number; readonly fetches: number }
  | { readonly kind: 'started'; readonly path: StorePath; readonly name: string; readonly work: Work }
  | { readonly kind: 'waiting'; readonly path: StorePath; readonly name: string }
  | { readonly kind: 'phase'; readonly path: StorePath; readonly phase: string }
  | { readonly kind: 'line'; readonly path: StorePath; readonly name: string; readonly line: string }
  | {
      readonly kind: 'progress'
      readonly path: StorePath
      readonly bytes: number
      readonly total: number | undefined
    }
  | {
      readonly kind: 'finished'
      readonly path: StorePath
      readonly name: string
      readonly work: Work
      readonly seconds: number
    }
  | { readonly kind: 'failed'; readonly path: StorePath; readonly name: string; readonly work: Work }
  | { readonly kind: 'warning'; readonly text: string }

export type Report = (event: BuildEvent) => void
