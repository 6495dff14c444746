import { stripVTControlCharacters } from 'node:util'
import { displayWidth } from './width.js'

/** The last lines of a terminal, redrawn in place; what is printed stays above them. */
export interface Screen {
  /** Says a line that stays. It appears with the next drawing, at once when nothing is drawn. */
  print(line: string): void
  /** Shows these lines instead of those drawn before. None of them may be wider than the terminal. */
  draw(lines: readonly string[]): void
  /** Takes the drawing away and leaves the terminal as it was found; it can be drawn again. */
  clear(): void
}

/** Lines that may wait for the next drawing. */
const QUEUE = 500

const hideCursor = '\u001b[?25l'
const showCursor = '\u001b[?25h'
const eraseBelow = '\u001b[J'
const eraseRight = '\u001b[K'
/** What is between them appears at once, where the terminal knows how. */
const begin = '\u001b[?2026h'
const end = '\u001b[?2026l'
/** Between them nothing wraps, whatever the terminal thinks of a character's width. */
const noWrap = '\u001b[?7l'
const wrap = '\u001b[?7h'

export function openScreen(stream: NodeJS.WriteStream): Screen {
  let queue: string[] = []
  let shown: readonly string[] = []
  let isHidden = false

  /** Rows the drawing takes now: lines wrap when the terminal has become narrower than they are. */
  const rows = (): number => {
    const columns = stream.columns || 80
    return shown.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(displayWidth(stripVTControlCharacters(line)) / columns)),
      0,
    )
  }
  const write = (lines: readonly string[]): void => {
    const up = Math.min(rows(), (stream.rows || 24) - 1)
    const home = up > 0 ? `\u001b[${up}A\r` : ''
    const printed = queue.length > 0 ? `${eraseBelow}${queue.join('\n')}\n` : ''
    const drawn = lines.map(line => `${line}${eraseRight}\n`).join('')
    const cursor = lines.length > 0 === isHidden ? '' : isHidden ? showCursor : hideCursor
    isHidden = lines.length > 0
    queue = []
    shown = lines
    stream.write(`${begin}${home}${printed}${noWrap}${drawn}${wrap}${eraseBelow}${cursor}${end}`)
  }
  return {
    print: line => {
      queue.push(line)
      if (shown.length === 0) {
        stream.write(`${queue.join('\n')}\n`)
        queue = []
      } else if (queue.length >= QUEUE) write(shown)
    },
    draw: lines => {
      const isSame = lines.length === shown.length && lines.every((line, i) => line === shown[i])
      if (!isSame || queue.length > 0) write(lines)
    },
    clear: () => {
      if (shown.length > 0) write([])
    },
  }
}
