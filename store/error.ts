/** What an error may carry beside its sentence: the next step for the user, and the error that caused it. */
export interface ErrorDetails {
  readonly hint: string
  readonly cause?: unknown
}

/**
 * A user's error: one sentence, a stable code (each has a row in ERRORS.md), and a next step.
 * Bugs of our own stay plain `Error`.
 */
export abstract class StoreError extends Error {
  abstract readonly code: string
  readonly hint: string

  constructor(sentence: string, details: ErrorDetails) {
    super(sentence, 'cause' in details ? { cause: details.cause } : undefined)
    this.name = new.target.name
    this.hint = details.hint
  }
}

/** The failure that came first: `await using` wraps it when cleaning up after it fails, too. */
export function firstError(error: unknown): unknown {
  let first = error
  while (first instanceof Error && first.name === 'SuppressedError' && 'suppressed' in first)
    first = first.suppressed
  return first
}

/** Whether `error` is only how work ends that `signal` stops: parts of Node make an error of their own for it. */
export const isAbort = (error: unknown, signal: AbortSignal): boolean =>
  signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'))

/** The system's error code (`ENOENT`, ...) of a caught value, or `undefined`. */
export function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}
