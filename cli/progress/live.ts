import type { BuildEvent, Suspension } from '../../builder/index.js'
import type { Terminal } from '../terminal.js'
import { openDrawing } from './drawing.js'
import { type Canvas, drawFrame } from './frame.js'
import { describeEvent, describeSummary } from './lines.js'
import type { Mode, Progress } from './progress.js'
import { emptyView, update, type View } from './state.js'

/** What goes on now, redrawn in place below the lines of what is done. */
export function showLive(terminal: Terminal, mode: Mode, suspension: Suspension): Progress {
  const { stream } = terminal
  const clock = makeClock()
  let view: View = emptyView(0)
  const drawing = openDrawing(stream, () => {
    const { columns = 80, rows = 24 } = stream
    const canvas: Canvas = { columns, rows, colour: terminal.colour, unicode: terminal.unicode }
    return drawFrame(view, clock.now(), canvas)
  })
  const stopListening = suspension.listen(isSuspended => {
    if (view.steps.size === 0) return
    if (isSuspended) drawing.stop()
    else drawing.start()
    clock.pause(isSuspended)
  })

  return {
    report: event => {
      if (event.kind === 'planned') {
        view = emptyView(clock.now())
        drawing.start()
      }
      update(view, event, clock.now())
      if (event.kind === 'ended') {
        drawing.stop()
        const summary = describeSummary(view, event.seconds, terminal)
        if (summary !== undefined) drawing.print(summary)
        view = emptyView(clock.now())
        return
      }
      const line = isNews(event) ? describeEvent(event, terminal, mode) : undefined
      if (line !== undefined) drawing.print(line)
    },
    end: async () => {
      stopListening()
      drawing.stop()
    },
  }
}

/** Seconds, without those during which the command was suspended. */
function makeClock() {
  const seconds = (): number => performance.now() / 1000
  let lost = 0
  let since: number | undefined
  return {
    now: () => (since ?? seconds()) - lost,
    pause: (isPaused: boolean) => {
      if (since !== undefined) lost += seconds() - since
      since = isPaused ? seconds() : undefined
    },
  }
}

/** What stays on the screen: not what the drawing shows anyway, and not the many quick fetches. */
const isNews = (event: BuildEvent): boolean =>
  event.kind === 'finished'
    ? event.work === 'build' || event.seconds >= 1
    : ['failed', 'warning', 'line', 'collected'].includes(event.kind)
