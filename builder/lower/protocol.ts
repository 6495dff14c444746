/** The script's name in stack traces. */
export const BUNDLE = 'recipes.js'

/** Milliseconds an evaluation may take; recipes are declarations. */
export const TIMEOUT = 10_000

/** Milliseconds for some of the recipes that took longer together, to find out which of them do. */
export const SHORT_TIMEOUT = 2_000

/** Letters of an emission; that of ten thousand recipes has some ten million. */
export const LONGEST = 256 * 1024 * 1024

/** What the program that evaluates reads: a script, and an expression whose value, a text, is the emission. */
export interface Request {
  readonly code: string
  readonly expression: string
  /** Milliseconds that each may take. */
  readonly timeout: number
}

/** What it answers. */
export type Evaluated =
  | { readonly emission: string }
  | {
      readonly error: {
        readonly name: string
        readonly message: string
        readonly stack: string | undefined
        readonly hint: string | undefined
        readonly code: string | undefined
      }
    }

/** A line that says what follows: the text of the emission as it is, which is long, or the error as JSON. */
export const encodeAnswer = (answer: Evaluated): string =>
  'emission' in answer ? `emission\n${answer.emission}` : `error\n${JSON.stringify(answer.error)}`

export function decodeAnswer(text: string): Evaluated {
  const body = text.slice(text.indexOf('\n') + 1)
  return text.startsWith('emission\n') ? { emission: body } : { error: JSON.parse(body) }
}
