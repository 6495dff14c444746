import { stripVTControlCharacters } from 'node:util'

/** What a stream can show. */
export interface Terminal {
  readonly stream: NodeJS.WriteStream
  /** A person looks at it, and it can be redrawn. */
  readonly live: boolean
  readonly colour: boolean
  /** It shows more than ASCII. */
  readonly unicode: boolean
}

export const inspectTerminal = (stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Terminal => ({
  stream,
  live: stream.isTTY === true && env.TERM !== 'dumb',
  colour: stream.isTTY === true && env.TERM !== 'dumb' && !env.NO_COLOR,
  unicode: speaksUnicode(env),
})

/** What the locale says; without one, what terminals do nowadays. The console of Linux has few characters. */
function speaksUnicode(env: NodeJS.ProcessEnv): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || 'UTF-8'
  return /utf-?8/i.test(locale) && env.TERM !== 'linux'
}

const codes = { red: 31, green: 32, yellow: 33, blue: 34, dim: 2, bold: 1 } as const

export type Style = keyof typeof codes

export const styled = (style: Style, text: string): string => `\u001b[${codes[style]}m${text}\u001b[0m`

export const paint = ({ colour }: Terminal, style: Style, text: string): string =>
  colour ? styled(style, text) : text

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** `1536` as `1.5 KiB`. */
export function formatSize(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`
}

/** `83.4` as `1m23s`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)}s`
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, '0')}s`
}

/** Text of a build without what could move the cursor, colour the rest of the screen or turn the text around. */
export const plainText = (text: string): string =>
  stripVTControlCharacters(text).replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    '',
  )
