import { complaintOf, type SeveralFailed } from '../builder/index.js'
import { StoreError } from '../store/index.js'
import { paint, plainText, type Terminal } from './terminal.js'

export class Usage extends StoreError {
  readonly code = 'USAGE'
}

/** Exit statuses by error code, in the order in which one of several is chosen; every other error is 1. */
const statuses: ReadonlyMap<string, number> = new Map([
  ['USAGE', 2],
  ['INTERRUPTED', 130],
  ['HASH_MISMATCH', 102],
  ['TIMED_OUT', 101],
  ['NOT_REPRODUCIBLE', 104],
  ['BUILD_FAILED', 100],
  ['BAD_OUTPUT', 100],
  ['UNDECLARED_REFERENCE', 100],
  ['REFERENCE_CYCLE', 100],
])

/** The exit status that an error ends the command with. */
export function exitStatus(error: unknown): number {
  const codes = isSeveral(error)
    ? error.failures.map(({ code }) => code)
    : [error instanceof StoreError ? error.code : '']
  return [...statuses].find(([code]) => codes.includes(code))?.[1] ?? 1
}

/** What a user reads of an error: a sentence, its code and the next step; the stack only with STORE_DEBUG=1. */
export function formatError(error: unknown, terminal: Terminal, debug: boolean): string {
  if (isSeveral(error)) {
    const unbuilt = error.unbuilt.length > 0 ? `not built because of that: ${listSome(error.unbuilt)}\n` : ''
    return error.failures.map(failure => formatError(failure, terminal, debug)).join('') + unbuilt
  }
  const known = error instanceof StoreError ? error : undefined
  const message =
    known?.message ?? `This is a defect of store: ${error instanceof Error ? error.message : String(error)}`
  const hint = known ? known.hint : 'Run the command again with STORE_DEBUG=1 and report what it prints'
  const stack =
    debug && error instanceof Error
      ? `${error.stack}\n${error.cause ? `caused by: ${String(error.cause)}\n` : ''}`
      : ''
  return (
    `${paint(terminal, 'red', `error[${known?.code ?? 'DEFECT'}]:`)} ${highlight(plainText(message), known, terminal)}\n` +
    (hint ? `${paint(terminal, 'blue', 'hint:')} ${plainText(hint)}\n` : '') +
    stack
  )
}

/** How many names of a long list are told. */
const NAMES = 20

const listSome = (names: readonly string[]): string =>
  names.length <= NAMES + 1
    ? names.join(', ')
    : `${names.slice(0, NAMES).join(', ')} and ${names.length - NAMES} more`

/** Of the lines of a log that a message ends with, those that say what went wrong stand out. */
function highlight(message: string, error: StoreError | undefined, terminal: Terminal): string {
  if (error === undefined || !('details' in error)) return message
  const [sentence = '', ...lines] = message.split('\n')
  const shown = lines.map(line => {
    const complaint = complaintOf(line.replace(/^ {2}(?:\d+: )?/, ''))
    if (complaint === undefined || !line.startsWith('  ')) return line
    const text = paint(terminal, 'red', line)
    return complaint === 'cause' ? paint(terminal, 'bold', text) : text
  })
  return [sentence, ...shown].join('\n')
}

/** By its code: what the builder needs is not loaded to tell of another failure. */
const isSeveral = (error: unknown): error is SeveralFailed =>
  error instanceof StoreError && error.code === 'SEVERAL_FAILED'
