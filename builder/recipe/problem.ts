/** A mistake in a recipe. The program shows the recipe's own file and line beside the sentence. */
export class RecipeProblem extends Error {
  readonly hint: string | undefined

  constructor(sentence: string, hint?: string) {
    super(sentence)
    this.name = 'RecipeProblem'
    this.hint = hint
  }
}

/** Refuses fields that nobody would read; a misspelt one would otherwise change nothing in silence. */
export function checkFields(what: string, value: object, known: readonly string[]): void {
  for (const field of Object.keys(value)) {
    if (known.includes(field)) continue
    throw new RecipeProblem(`${what} has an unknown field "${field}"`, `The fields are: ${known.join(', ')}`)
  }
}

/** Says what kind of value stands where another was expected. */
export function describe(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object'
    ? 'a record'
    : typeof value === 'undefined'
      ? 'undefined'
      : `a ${typeof value}`
}
