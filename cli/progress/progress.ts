import type { Report } from '../../builder/index.js'
import type { Terminal } from '../terminal.js'
import { showLines } from './lines.js'
import { showLive } from './live.js'

/** Shows what a realisation does, on stderr. */
export interface Progress {
  readonly report: Report
  /** Leaves the terminal as it was found. */
  end(): void
}

/** `logs` prints every line of the builds; `quiet` prints warnings alone. */
export type Mode = 'quiet' | 'logs' | 'normal'

export const showProgress = (terminal: Terminal, mode: Mode): Progress =>
  terminal.live && mode === 'normal' ? showLive(terminal) : showLines(terminal, mode)
