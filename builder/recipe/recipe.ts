import type { Phases } from './phases.js'
import { checkFields, describe, RecipeProblem } from './problem.js'
import { defaultSearchPaths, type SearchPaths } from './search.js'
import type { RecipeSource } from './source.js'
import { asReference, isText, type Reference, type Text } from './text.js'
import { checkTracer, type Tracer } from './tracer.js'

/** What people want to know of a package; nothing of it enters the build. */
export interface Meta {
  readonly synopsis?: string
  readonly description?: string
  readonly homepage?: string
  /** An SPDX expression. */
  readonly license?: string
  /** The program that `store run` starts; `bin/<name>` when left out. */
  readonly mainProgram?: string
}

/** What `epoch` may be: computed from the sources' own archives, or seconds since 1970. */
export type Epoch = 'sources' | number

export interface RecipeOptions {
  readonly name: string
  readonly version: string
  /** The build finds it as `$source`. */
  readonly source?: RecipeSource
  /** What the build uses, by any name: their programs, headers and libraries are found by it. */
  readonly inputs?: Readonly<Record<string, Recipe | Reference>>
  /** Results, each a store object of its own and a variable in the build; `out` when left out. */
  readonly outputs?: readonly string[]
  /** How to build it: `gnu()`, `trivial()`, `copy()`. */
  // biome-ignore lint/suspicious/noExplicitAny: the options belong to the phases alone
  readonly phases: Phases<any>
  /** Variables of the build. */
  readonly env?: Readonly<Record<string, string | number | Text | Reference | Recipe>>
  /** The user that builds: `root` (uid 0 of the sandbox), or `unprivileged` (1000), which some tests want. */
  readonly user?: 'root' | 'unprivileged'
  readonly epoch?: Epoch
  /** What the determinism tracer does otherwise than by default, for a build that cannot do with it. */
  readonly tracer?: Tracer
  /** Which variables list which folders of this package, in builds that use it. */
  readonly searchPaths?: SearchPaths
  readonly meta?: Meta
}

/** A package as its author declared it, with every default filled in. */
export interface Recipe extends Required<Omit<RecipeOptions, 'source'>> {
  readonly kind: 'recipe'
  readonly source: RecipeSource | undefined
}

const fields = [
  'name',
  'version',
  'source',
  'inputs',
  'outputs',
  'phases',
  'env',
  'user',
  'epoch',
  'tracer',
  'searchPaths',
  'meta',
] as const satisfies readonly (keyof RecipeOptions)[]

const metaFields = [
  'synopsis',
  'description',
  'homepage',
  'license',
  'mainProgram',
] as const satisfies readonly (keyof Meta)[]

const variable = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Declares a package. Wrong fields are refused here, where the mistake was made. */
export function recipe(options: RecipeOptions): Recipe {
  if (typeof options !== 'object' || options === null)
    throw new RecipeProblem(`recipe needs a record, not ${describe(options)}`)
  const what = typeof options.name === 'string' ? `The recipe "${options.name}"` : 'The recipe'
  checkFields(what, options, fields)
  checkStrings(what, options)
  checkInputs(what, options.inputs ?? {})
  checkOutputs(what, options.outputs ?? ['out'])
  for (const name of Object.keys(options.env ?? {})) {
    if (!variable.test(name)) throw new RecipeProblem(`${what} sets "${name}", which cannot be a variable`)
  }
  checkTracer(what, options.tracer ?? {})
  checkFields(`The meta of ${what.toLowerCase()}`, options.meta ?? {}, metaFields)
  return Object.freeze({
    kind: 'recipe' as const,
    name: options.name,
    version: options.version,
    source: options.source,
    inputs: options.inputs ?? {},
    outputs: options.outputs ?? ['out'],
    phases: options.phases,
    env: options.env ?? {},
    user: options.user ?? 'root',
    epoch: options.epoch ?? 'sources',
    tracer: options.tracer ?? {},
    searchPaths: options.searchPaths ?? defaultSearchPaths,
    meta: options.meta ?? {},
  })
}

function checkStrings(what: string, options: RecipeOptions): void {
  const wrong = (field: string, needed: string, value: unknown): never => {
    throw new RecipeProblem(`${what} needs ${needed} as its ${field}, not ${describe(value)}`)
  }
  if (typeof options.name !== 'string' || options.name === '') wrong('name', 'a text', options.name)
  if (!/^[0-9A-Za-z+_?=][0-9A-Za-z+._?=-]*$/.test(options.name)) {
    throw new RecipeProblem(
      `"${options.name}" cannot be the name of a recipe`,
      'Use letters, digits and +-._?=',
    )
  }
  if (typeof options.version !== 'string' || !/^[0-9A-Za-z+._?=-]+$/.test(options.version)) {
    wrong('version', 'a text of letters, digits and +-._?=', options.version)
  }
  if (options.phases?.kind !== 'phases') wrong('phases', 'gnu(), trivial() or copy()', options.phases)
  if (options.source !== undefined && !asReference(options.source) && !isText(options.source)) {
    wrong('source', 'fetchUrl(), fetchTarball(), fetchGit() or localFile()', options.source)
  }
  if (!['root', 'unprivileged', undefined].includes(options.user))
    wrong('user', "'root' or 'unprivileged'", options.user)
  const { epoch } = options
  if (epoch !== undefined && epoch !== 'sources' && !Number.isSafeInteger(epoch))
    wrong('epoch', "'sources' or whole seconds", epoch)
}

function checkInputs(what: string, inputs: NonNullable<RecipeOptions['inputs']>): void {
  for (const [key, input] of Object.entries(inputs)) {
    if (asReference(input)?.to.kind === 'recipe') continue
    throw new RecipeProblem(
      `${what} has an input "${key}" that is ${describe(input)}, not a recipe`,
      input === undefined
        ? 'Is it exported under this name? Two files that import each other also give undefined'
        : undefined,
    )
  }
}

function checkOutputs(what: string, outputs: readonly string[]): void {
  const valid = Array.isArray(outputs) && outputs.length > 0 && new Set(outputs).size === outputs.length
  if (!valid || !outputs.every(name => /^[a-z][a-z0-9_]*$/.test(name))) {
    throw new RecipeProblem(
      `${what} has wrong outputs`,
      "Write a list of different lower-case names, such as ['out', 'dev']",
    )
  }
  if (!outputs.includes('out')) throw new RecipeProblem(`${what} lacks the output "out"`)
}
