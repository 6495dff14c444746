import type { Phases } from './phases.js'
import { RecipeProblem } from './problem.js'
import type { Recipe } from './recipe.js'
import type { LocalSource } from './source.js'
import { gnuDefaults } from './systems/gnu/options.js'
import type { Buildable } from './text.js'

/** A file that a user gives on the command line, for the package `name`. */
export interface GivenFile {
  readonly name: string
  /** Relative to the channel or folder it is named after, as in `LocalSource`. */
  readonly path: string
}

/** Changes to the packages of that name, wherever they are used. Plain data, as the command line has it. */
export interface Transformations {
  readonly withSource?: readonly GivenFile[]
  readonly withPatch?: readonly GivenFile[]
  readonly withoutTests?: readonly string[]
  readonly withInput?: readonly { readonly name: string; readonly replacement: string }[]
}

export interface Transformer {
  /** What is to be built instead of `value`: itself where nothing is to be changed. */
  apply(value: Buildable): Buildable
  /** The names of the recipes that were changed. */
  changed(): readonly string[]
}

/**
 * A name means the packages that are exported under it. Other recipes of that name, such as those that the packages
 * are built with, are meant only where none is.
 */
export function makeTransformer(transformations: Transformations, exported: readonly Recipe[]): Transformer {
  const { withSource = [], withPatch = [], withoutTests = [], withInput = [] } = transformations
  const packages = new Set(exported)
  const names = new Set(exported.map(({ name }) => name))
  const changed = new Map<Recipe, Recipe>()
  const replaced = new Set<Recipe>()

  const isMeant = (recipe: Recipe): boolean =>
    mentions(transformations, recipe.name) && (packages.has(recipe) || !names.has(recipe.name))

  const findReplacement = ({ name }: Recipe): Recipe | undefined => {
    const input = withInput.find(input => input.name === name)
    if (!input) return undefined
    const found = exported.find(({ name }) => name === input.replacement)
    if (found) return found
    throw new RecipeProblem(`There is no recipe "${input.replacement}" to take the place of "${name}"`)
  }

  const change = (recipe: Recipe): Recipe => {
    const { name } = recipe
    const replacement = findReplacement(recipe)
    if (replacement && replacement !== recipe) {
      if (replaced.has(recipe)) throw new RecipeProblem(`"${name}" would take the place of itself`)
      replaced.add(recipe)
      return transform(replacement)
    }
    const source = withSource.find(given => given.name === name)
    const patches = withPatch.filter(given => given.name === name)
    const withoutCheck = withoutTests.includes(name) ? leaveTestsOut(recipe.phases) : recipe.phases
    return Object.freeze({
      ...recipe,
      source: source ? localSource(source) : recipe.source,
      phases: patches.length > 0 ? addPatches(recipe, withoutCheck, patches.map(localSource)) : withoutCheck,
    })
  }

  const transform = (recipe: Recipe): Recipe => {
    if (!isMeant(recipe)) return recipe
    const known = changed.get(recipe) ?? change(recipe)
    changed.set(recipe, known)
    return known
  }

  return {
    apply: value => (value.kind === 'recipe' ? transform(value) : value),
    changed: () => [...new Set([...changed.keys()].map(({ name }) => name))],
  }
}

const mentions = (
  { withSource, withPatch, withoutTests, withInput }: Transformations,
  name: string,
): boolean =>
  [...(withSource ?? []), ...(withPatch ?? []), ...(withInput ?? [])].some(given => given.name === name) ||
  (withoutTests ?? []).includes(name)

function localSource({ path }: GivenFile): LocalSource {
  return Object.freeze({ kind: 'source', type: 'local', name: path.split('/').at(-1)!, path })
}

/** A package without tests has none to leave out. */
const leaveTestsOut = <Options>(phases: Phases<Options>): Phases<Options> =>
  phases.list.some(({ name }) => name === 'check')
    ? phases.without('check', 'asked for on the command line')
    : phases

function addPatches(
  recipe: Recipe,
  phases: Recipe['phases'],
  patches: readonly LocalSource[],
): Recipe['phases'] {
  if (!Object.keys(gnuDefaults).every(option => option in phases.options)) {
    throw new RecipeProblem(`"${recipe.name}" is not built by gnu(), which alone applies patches`)
  }
  return phases.withOptions({ patches: [...phases.options.patches, ...patches] })
}
