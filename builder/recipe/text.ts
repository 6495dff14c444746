import { describe, RecipeProblem } from './problem.js'
import type { Recipe } from './recipe.js'
import type { Source } from './source.js'

/** What has a store path once it is lowered. */
export type Buildable = Recipe | Source

/** One output of a recipe or source: its store path in a text, and an input of the build that uses it. */
export interface Reference {
  readonly kind: 'reference'
  readonly to: Buildable
  readonly output: string
}

/** Text with references that become store paths when it is lowered. */
export interface Text {
  readonly kind: 'text'
  readonly parts: readonly (string | Reference)[]
}

/** What may stand in the `${...}` of `sh`. */
export type ShellValue = string | number | Text | Reference | Buildable | readonly ShellValue[]

/** The output of `recipe` called `name`; where only a recipe is given, its output `out` is meant. */
export const output = (recipe: Recipe, name: string): Reference => {
  if (!recipe.outputs.includes(name)) {
    throw new RecipeProblem(
      `"${recipe.name}" has no output "${name}"`,
      `Its outputs are: ${recipe.outputs.join(', ')}`,
    )
  }
  return { kind: 'reference', to: recipe, output: name }
}

/** A text without references. */
export const text = (...parts: readonly (string | Reference)[]): Text => ({ kind: 'text', parts })

/**
 * The staging language. A recipe or source becomes its store path *and* an input; another `sh` text
 * is spliced in as it is; strings and numbers are quoted for the shell, lists item by item.
 * Backslashes are the shell's own, but for `\${` and the backtick, which TypeScript wants escaped.
 */
export function sh(strings: TemplateStringsArray, ...values: readonly ShellValue[]): Text {
  const parts = strings.raw.flatMap((literal, i) => [
    literal.replace(/\\(\$\{|`)/g, '$1'),
    ...(i < values.length ? shellParts(values[i]!) : []),
  ])
  return text(...parts)
}

/** Several texts as one, each on lines of its own. */
export const lines = (...texts: readonly Text[]): Text =>
  text(...texts.flatMap((part, i) => (i === 0 ? part.parts : ['\n', ...part.parts])))

/** A word the shell takes literally, quoted only where needed. */
export const quote = (word: string): string =>
  /^[0-9A-Za-z_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

/** What `value` refers to, or `undefined` when it is no reference, recipe or source. */
export function asReference(value: unknown): Reference | undefined {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return undefined
  if (value.kind === 'reference') return value as Reference
  if (value.kind === 'recipe' || value.kind === 'source')
    return { kind: 'reference', to: value as Buildable, output: 'out' }
  return undefined
}

export const isText = (value: unknown): value is Text =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'text'

function shellParts(value: ShellValue): readonly (string | Reference)[] {
  if (typeof value === 'string') return [quote(value)]
  if (typeof value === 'number') return [String(value)]
  if (isText(value)) return value.parts
  if (Array.isArray(value))
    return value.flatMap((item: ShellValue, i) => [...(i > 0 ? [' '] : []), ...shellParts(item)])
  const reference = asReference(value)
  if (reference) return [reference]
  throw new RecipeProblem(
    `sh cannot take ${describe(value)}`,
    'Put in strings, numbers, lists of them, recipes, sources or other sh texts; undefined often means a cycle of imports',
  )
}
