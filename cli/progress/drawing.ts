import { openScreen } from './screen.js'

/** Milliseconds between two drawings, and before the first: what is done sooner needs none. */
export const INTERVAL = 100
export const DELAY = 300

/** A view at the end of a terminal that is drawn again and again. */
export interface Drawing {
  /** Nothing happens when it is shown already. */
  start(): void
  /** Takes it away and leaves the terminal as it was found; it can be started again. */
  stop(): void
  /** Draws it now if it is shown: for those that keep timers from their turn. */
  redraw(): void
  /** Says a line that stays, above the drawing. */
  print(line: string): void
}

/** `draw` gives the lines, none of which may be wider than the terminal. */
export function openDrawing(stream: NodeJS.WriteStream, draw: () => readonly string[]): Drawing {
  const screen = openScreen(stream)
  let timer: NodeJS.Timeout | undefined
  const show = (): void => screen.draw(draw())
  const redraw = (): void => {
    if (timer !== undefined) show()
  }
  const stop = (): void => {
    clearTimeout(timer)
    timer = undefined
    stream.off('resize', redraw)
    process.off('exit', stop)
    process.off('SIGQUIT', quit)
    screen.clear()
  }
  const quit = (): void => {
    stop()
    process.kill(process.pid, 'SIGQUIT')
  }
  return {
    start: () => {
      if (timer !== undefined) return
      timer = setTimeout(() => {
        show()
        timer = setInterval(show, INTERVAL).unref()
      }, DELAY).unref()
      stream.on('resize', redraw)
      // However the command ends, a cursor is left.
      process.on('exit', stop)
      process.on('SIGQUIT', quit)
    },
    stop,
    redraw,
    print: line => screen.print(line),
  }
}
