import { checkFields, RecipeProblem } from './problem.js'
import type { Recipe } from './recipe.js'
import { isText, type Text } from './text.js'

/** A named step of a build script. Its script is a pure function of the options and the recipe. */
export interface Phase<Options> {
  readonly name: string
  readonly script: (options: Options, recipe: Recipe) => Text
}

/** A phase left out, and why: `store show` prints it. */
export interface Skipped {
  readonly phase: string
  readonly reason: string
}

/** How a build system turns phases into the program a derivation runs. */
export interface Driver {
  /** The shell that runs the script. */
  shell(recipe: Recipe): Text
  /** Words the shell takes before `-c`. */
  readonly shellArguments?: readonly string[]
  /** Joins the phases, already rendered, into one script. */
  script(phases: readonly { readonly name: string; readonly script: Text }[], recipe: Recipe): Text
}

/** An editable list of phases; every edit gives a new list. */
export interface Phases<Options = unknown> {
  readonly kind: 'phases'
  readonly options: Options
  readonly list: readonly Phase<Options>[]
  readonly skipped: readonly Skipped[]
  readonly driver: Driver
  before(name: string, phase: Phase<Options>): Phases<Options>
  after(name: string, phase: Phase<Options>): Phases<Options>
  replace(name: string, script: Phase<Options>['script']): Phases<Options>
  withOptions(options: Partial<Options>): Phases<Options>
  /** Leaves a phase out. The reason is part of what the recipe says about its package. */
  without(name: string, reason: string): Phases<Options>
}

export function makePhases<Options>(
  driver: Driver,
  options: Options,
  list: readonly Phase<Options>[],
  skipped: readonly Skipped[] = [],
): Phases<Options> {
  const at = (name: string): number => {
    const index = list.findIndex(phase => phase.name === name)
    if (index >= 0) return index
    throw new RecipeProblem(
      `There is no phase "${name}"`,
      `The phases are: ${list.map(phase => phase.name).join(', ')}`,
    )
  }
  const edit = (index: number, remove: number, ...phases: readonly Phase<Options>[]): Phases<Options> => {
    const edited = list.toSpliced(index, remove, ...phases.map(checkPhase))
    const twice = edited.find((phase, i) => edited.findIndex(other => other.name === phase.name) !== i)
    if (twice) throw new RecipeProblem(`There are two phases called "${twice.name}"`)
    return makePhases(driver, options, edited, skipped)
  }
  return Object.freeze({
    kind: 'phases' as const,
    options,
    list,
    skipped,
    driver,
    before: (name: string, phase: Phase<Options>) => edit(at(name), 0, phase),
    after: (name: string, phase: Phase<Options>) => edit(at(name) + 1, 0, phase),
    replace: (name: string, script: Phase<Options>['script']) => edit(at(name), 1, { name, script }),
    withOptions: (more: Partial<Options>) => makePhases(driver, { ...options, ...more }, list, skipped),
    without: (name: string, reason: string) => {
      if (typeof reason !== 'string' || reason.trim() === '') {
        throw new RecipeProblem(
          `Say why the phase "${name}" is left out`,
          `Write .without('${name}', 'the reason')`,
        )
      }
      return makePhases(driver, options, list.toSpliced(at(name), 1), [...skipped, { phase: name, reason }])
    },
  })
}

/** The phases of a recipe, each with its script. */
export const renderPhases = (recipe: Recipe): { readonly name: string; readonly script: Text }[] =>
  recipe.phases.list.map(({ name, script }) => {
    const rendered = script(recipe.phases.options, recipe)
    if (!isText(rendered))
      throw new RecipeProblem(`The script of the phase "${name}" of "${recipe.name}" is not an sh text`)
    return { name, script: rendered }
  })

function checkPhase<Options>(phase: Phase<Options>): Phase<Options> {
  checkFields('a phase', phase, ['name', 'script'])
  if (!/^[a-z][a-z0-9-]*$/.test(phase.name)) {
    throw new RecipeProblem(
      `"${phase.name}" cannot be the name of a phase`,
      'Use lower-case letters, digits and dashes',
    )
  }
  if (typeof phase.script !== 'function')
    throw new RecipeProblem(`The phase "${phase.name}" has no script`, 'Write script: () => sh`...`')
  return phase
}
