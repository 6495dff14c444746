import type { Suspension } from '../../builder/index.js'
import { plainText, type Terminal } from '../terminal.js'
import { DELAY, INTERVAL, openDrawing } from './drawing.js'
import { cut } from './width.js'

/**
 * Tells how far one long piece of work is: on a terminal in lines that are redrawn; in pipes once a second, and there
 * all in one line.
 */
export interface Gauge extends Disposable {
  /** May be called very often: `describe` is called only when what it gives is shown. */
  show(describe: () => string): void
}

/** Milliseconds between two lines in a pipe. */
const LINE_INTERVAL = 1000

/** On the terminal, until it is disposed of. */
export function showGauge(terminal: Terminal, suspension: Suspension): Gauge {
  const { live, stream } = terminal
  return live ? showOnTerminal(stream, suspension) : showInPipe(stream)
}

function showOnTerminal(stream: NodeJS.WriteStream, suspension: Suspension): Gauge {
  let describe = (): string => ''
  let last = performance.now() + DELAY
  const drawing = openDrawing(stream, () => {
    last = performance.now()
    const width = Math.max(0, (stream.columns || 80) - 1)
    const text = describe()
    return text === '' ? [] : text.split('\n').map(line => cut(plainText(line), width))
  })
  const stopListening = suspension.listen(isSuspended => {
    if (isSuspended) drawing.stop()
    else drawing.start()
  })
  drawing.start()
  return {
    show: next => {
      describe = next
      if (performance.now() - last >= INTERVAL) drawing.redraw()
    },
    [Symbol.dispose]: () => {
      stopListening()
      drawing.stop()
    },
  }
}

function showInPipe(stream: NodeJS.WriteStream): Gauge {
  let describe = (): string => ''
  let told = ''
  let due = performance.now() + DELAY
  const tell = (): void => {
    if (performance.now() < due) return
    const text = describe()
    if (text === told) return
    stream.write(`${plainText(text).replaceAll('\n', '; ')}\n`)
    told = text
    due = performance.now() + LINE_INTERVAL
  }
  const timer = setInterval(tell, INTERVAL).unref()
  return {
    show: next => {
      describe = next
      tell()
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

/** Shows nothing. */
export const noGauge: Gauge = { show: () => {}, [Symbol.dispose]: () => {} }
