import type { BuildEvent, Suspension } from '../../builder/index.js'
import type { Terminal } from '../terminal.js'
import { type Canvas, drawFrame } from './frame.js'
import { describeEvent, describeSummary } from './lines.js'
import type { Mode, Progress } from './progress.js'
import { openScreen } from './screen.js'
import { emptyView, update, type View } from './state.js'

/** Milliseconds between two drawings, and before the first: what is done sooner needs none. */
const INTERVAL = 100
const DELAY = 300

/** What goes on now, redrawn in place below the lines of what is done. */
export function showLive(terminal: Terminal, mode: Mode, suspension: Suspension): Progress {
  const { stream } = terminal
  const screen = openScreen(stream)
  const clock = makeClock()
  let view: View = emptyView(0)
  let timer: NodeJS.Timeout | undefined

  const draw = (): void => {
    const { columns = 80, rows = 24 } = stream
    const canvas: Canvas = { columns, rows, colour: terminal.colour, unicode: terminal.unicode }
    screen.draw(drawFrame(view, clock.now(), canvas))
  }
  const start = (): void => {
    timer = setTimeout(() => {
      draw()
      timer = setInterval(draw, INTERVAL).unref()
    }, DELAY).unref()
    stream.on('resize', redraw)
    // However the command ends, a cursor is left.
    process.on('exit', stop)
    process.on('SIGQUIT', quit)
  }
  const stop = (): void => {
    clearTimeout(timer)
    timer = undefined
    stream.off('resize', redraw)
    process.off('exit', stop)
    process.off('SIGQUIT', quit)
    screen.clear()
  }
  const redraw = (): void => {
    if (timer !== undefined) draw()
  }
  const quit = (): void => {
    stop()
    process.kill(process.pid, 'SIGQUIT')
  }
  const stopListening = suspension.listen(isSuspended => {
    if (view.steps.size === 0) return
    if (isSuspended) stop()
    else start()
    clock.pause(isSuspended)
  })

  return {
    report: event => {
      if (event.kind === 'planned') {
        view = emptyView(clock.now())
        start()
      }
      update(view, event, clock.now())
      if (event.kind === 'ended') {
        stop()
        const summary = describeSummary(view, event.seconds, terminal)
        if (summary !== undefined) screen.print(summary)
        view = emptyView(clock.now())
        return
      }
      const line = isNews(event) ? describeEvent(event, terminal, mode) : undefined
      if (line !== undefined) screen.print(line)
    },
    end: async () => {
      stopListening()
      stop()
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
    : ['failed', 'warning', 'line'].includes(event.kind)
