import type { IBufferCell, Terminal } from '@xterm/headless'

const CHARACTER = 8.4
const LINE = 19
const MARGIN = 14

/** The colours of the sixteen that programs choose from, and of the rest. */
const palette = ['#24273a', '#ed8796', '#a6da95', '#eed49f', '#8aadf4', '#f5bde6', '#8bd5ca', '#cad3f5']
const foreground = '#cad3f5'
const background = '#1e2030'

/** What a terminal shows at one moment, each line as SVG; empty lines are empty texts. */
export type Frame = readonly string[]

export function captureFrame(terminal: Terminal): Frame {
  const { active } = terminal.buffer
  return Array.from({ length: terminal.rows }, (_, row) => {
    const line = active.getLine(active.baseY + row)!
    const pieces: { column: number; text: string; style: string }[] = []
    for (let column = 0; column < terminal.cols; column++) {
      const cell = line.getCell(column)!
      if (cell.getWidth() === 0) continue
      const text = cell.getChars() || ' '
      const last = pieces.at(-1)
      const style = text === ' ' && last ? last.style : styleOf(cell)
      // What is wider than one column must not move what follows.
      const isPlain = /^[ -~]$/.test(text)
      if (last && last.style === style && isPlain && /^[ -~]*$/.test(last.text)) last.text += text
      else pieces.push({ column, text, style })
    }
    return pieces
      .filter(({ text }) => text.trim() !== '')
      .map(({ column, text, style }) => {
        const shown = text.trimEnd().replace(/[&<>]/g, character => `&#${character.charCodeAt(0)};`)
        return `<tspan x="${(MARGIN + column * CHARACTER).toFixed(1)}"${style}>${shown}</tspan>`
      })
      .join('')
  })
}

function styleOf(cell: IBufferCell): string {
  const colour = cell.isFgPalette() ? ` fill="${palette[cell.getFgColor() % 8]}"` : ''
  return `${colour}${cell.isBold() ? ' font-weight="bold"' : ''}${cell.isDim() ? ' opacity=".6"' : ''}`
}

export interface Picture {
  readonly title: string
  readonly columns: number
  /** How long each frame is shown. */
  readonly seconds: number
}

/** Frames one after the other, for ever; one frame does not move. */
export function renderSvg(frames: readonly Frame[], { title, columns, seconds }: Picture): string {
  const rows = Math.max(...frames.map(frame => frame.findLastIndex(line => line !== '') + 1))
  const [width, height] = [Math.ceil(columns * CHARACTER + 2 * MARGIN), rows * LINE + 2 * MARGIN]
  const duration = frames.length * seconds
  const groups = frames.map((frame, i) => {
    const lines = frame
      .slice(0, rows)
      .map((line, row) => (line === '' ? '' : `<text y="${MARGIN + (row + 0.75) * LINE}">${line}</text>`))
    const delay = frames.length > 1 ? ` class="f" style="animation-delay:${(i * seconds).toFixed(1)}s"` : ''
    return `<g${delay}>${lines.join('')}</g>`
  })
  const share = (100 / frames.length).toFixed(3)
  return `<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<title>${title}</title>
<style>
text { font: 14px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: ${foreground}; white-space: pre }
.f { visibility: hidden; animation: show ${duration.toFixed(1)}s step-end infinite }
@keyframes show { 0% { visibility: visible } ${share}% { visibility: hidden } }
</style>
<rect width="100%" height="100%" rx="8" fill="${background}"/>
${groups.join('\n')}
</svg>
`
}
