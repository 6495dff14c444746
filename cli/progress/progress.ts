import type { Report, Suspension } from '../../builder/index.js'
import type { Terminal } from '../terminal.js'
import { writeEvents } from './events.js'
import { showLines } from './lines.js'
import { showLive } from './live.js'

/** Shows what a realisation does. */
export interface Progress {
  readonly report: Report
  /** Leaves the terminal as it was found. */
  end(): Promise<void>
}

/** `logs` prints every line of the builds; `quiet` prints warnings alone. */
export type Mode = 'quiet' | 'logs' | 'normal'

export interface ProgressOptions {
  readonly mode: Mode
  readonly suspension: Suspension
  /** A file that gets the events as well. */
  readonly events: string | undefined
}

/** To people on stderr, and to programs in the file of `events`. */
export async function showProgress(terminal: Terminal, options: ProgressOptions): Promise<Progress> {
  const { mode, suspension, events } = options
  const start = performance.now()
  const written = events && (await writeEvents(events, () => (performance.now() - start) / 1000))
  const shown =
    terminal.live && mode !== 'quiet' ? showLive(terminal, mode, suspension) : showLines(terminal, mode)
  if (!written) return shown
  return {
    report: event => {
      shown.report(event)
      written.report(event)
    },
    end: async () => {
      await shown.end()
      await written.end()
    },
  }
}
