import { renderPhases } from './phases.js'
import { RecipeProblem } from './problem.js'
import type { Epoch, Meta, Recipe } from './recipe.js'
import { inputReferences, type SearchPaths, searchVariables } from './search.js'
import type { LocalSource, Source } from './source.js'
import { asReference, type Buildable, isText, type Reference, type Text, text } from './text.js'
import type { Tracer } from './tracer.js'
import { makeTransformer, type Transformations, type Transformer } from './transform.js'

/** Text as data: a reference is the place of a node in `nodes` and the name of an output. */
export type EmittedText = readonly (string | { readonly node: number; readonly output: string })[]

/** What the program makes a derivation, or a source, of. Nodes come after those they refer to. */
export type EmittedNode =
  | {
      readonly kind: 'fetch'
      readonly name: string
      readonly urls: readonly string[]
      readonly hash: string
      readonly archive: boolean
    }
  | {
      readonly kind: 'fetch-git'
      readonly name: string
      readonly urls: readonly string[]
      readonly commit: string
      readonly submodules: boolean
      readonly hash: string
    }
  | { readonly kind: 'unpack' | 'unpack-archive'; readonly name: string; readonly source: EmittedText }
  | { readonly kind: 'local'; readonly name: string; readonly path: string }
  | {
      readonly kind: 'build'
      readonly name: string
      readonly builder: EmittedText
      readonly args: readonly EmittedText[]
      readonly env: Readonly<Record<string, EmittedText>>
      readonly shell: EmittedText
      readonly outputs: readonly string[]
      readonly user: 'root' | 'unprivileged'
      readonly epoch: Epoch
      /** Missing in `recipes-1`. */
      readonly tracer?: Tracer
    }

/** A package as commands show it. */
export interface EmittedPackage {
  readonly name: string
  readonly version: string
  /** Relative to the channel. */
  readonly file: string
  readonly exportName: string
  readonly outputs: readonly string[]
  readonly inputs: readonly string[]
  readonly sources: readonly string[]
  readonly skipped: readonly { readonly phase: string; readonly reason: string }[]
  readonly searchPaths: SearchPaths
  readonly meta: Meta
  /** Its place in `nodes`, when it was selected. */
  readonly node?: number
}

/** All that a channel says, as plain data: the interface between a recipe library and the program. */
export interface Emission {
  readonly format: 'recipes-1' | 'recipes-2'
  /** What the recipes are written for: the version of all that a program contributes to their builds. */
  readonly world?: string
  readonly packages: readonly EmittedPackage[]
  readonly nodes: readonly EmittedNode[]
  /** The names of the recipes to which a transformation applied. */
  readonly changed: readonly string[]
}

/** What to lower, and how to change it; plain data. */
export interface EmitOptions {
  /** The packages that match in all that is given; nothing is lowered without it. */
  readonly select?: { readonly file?: string; readonly name?: string; readonly version?: string }
  readonly transform?: Transformations
}

/** The world this library writes for. Another one renames every output. */
const WORLD = 'linux-2'

/** The exports of each file. */
export type Modules = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/**
 * Turns loaded recipe files into plain data. Only what is selected, and what it needs, gets nodes.
 */
export function emit(modules: Modules, { select, transform = {} }: EmitOptions): Emission {
  const declared = Object.entries(modules).flatMap(([file, exported]) =>
    Object.entries(exported).flatMap(([exportName, value]) => {
      const reference = asReference(value)
      return reference?.to.kind === 'recipe' && reference !== value
        ? [{ file, exportName, recipe: reference.to }]
        : []
    }),
  )
  const transformer = makeTransformer(
    transform,
    declared.map(({ recipe }) => recipe),
  )
  const graph: Graph = { nodes: [], places: new Map(), open: new Set(), transformer }
  const packages = declared.map(({ file, exportName, recipe }): EmittedPackage => {
    const described = describePackage(recipe, file, exportName)
    return isSelected(select, described) ? { ...described, node: place(recipe, graph) } : described
  })
  return { format: 'recipes-2', world: WORLD, packages, nodes: graph.nodes, changed: transformer.changed() }
}

const isSelected = (
  select: EmitOptions['select'],
  { file, name, version }: Pick<EmittedPackage, 'file' | 'name' | 'version'>,
): boolean =>
  select !== undefined &&
  (select.file ?? file) === file &&
  (select.name ?? name) === name &&
  (select.version ?? version) === version

/** The nodes so far, and where each recipe and source has its own. */
interface Graph {
  readonly nodes: EmittedNode[]
  readonly places: Map<Buildable, number>
  /** Those whose needs are being looked at. */
  readonly open: Set<Buildable>
  readonly transformer: Transformer
}

function describePackage(recipe: Recipe, file: string, exportName: string): Omit<EmittedPackage, 'node'> {
  const source = asReference(recipe.source)?.to
  return {
    name: recipe.name,
    version: recipe.version,
    file,
    exportName,
    outputs: recipe.outputs,
    inputs: Object.values(recipe.inputs).map(input => asReference(input)!.to.name),
    sources: source?.kind === 'source' ? sourceNames(source) : [],
    skipped: recipe.phases.skipped,
    searchPaths: recipe.searchPaths,
    meta: recipe.meta,
  }
}

const sourceNames = (source: Source): readonly string[] =>
  source.type === 'fetched' || source.type === 'git'
    ? source.urls
    : source.type === 'unpacked'
      ? sourceNames(source.package)
      : [source.path]

/** A node, and the references in it that lack their places yet, the first one last. */
interface Draft {
  readonly value: Buildable
  readonly node: EmittedNode
  readonly pending: { readonly to: Buildable; readonly reference: { node: number } }[]
}

/** The place of `declared` in the graph, which it takes now if it has none. Chains may be longer than the call stack. */
function place(declared: Buildable, graph: Graph): number {
  const first = graph.transformer.apply(declared)
  const stack = graph.places.has(first) ? [] : [draft(first, graph)]
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const next = top.pending.at(-1)
    if (!next) {
      graph.places.set(top.value, graph.nodes.push(top.node) - 1)
      stack.pop()
      continue
    }
    const value = graph.transformer.apply(next.to)
    const known = graph.places.get(value)
    if (known === undefined) stack.push(draft(value, graph))
    else {
      next.reference.node = known
      top.pending.pop()
    }
  }
  return graph.places.get(first)!
}

function draft(value: Buildable, graph: Graph): Draft {
  if (graph.open.has(value)) throw new RecipeProblem(`"${value.name}" would be an input of itself`)
  graph.open.add(value)
  const pending: Draft['pending'] = []
  const lower = (from: Text): EmittedText =>
    from.parts.map(part => {
      if (typeof part === 'string') return part
      const reference = { node: -1, output: part.output }
      pending.push({ to: part.to, reference })
      return reference
    })
  const node = value.kind === 'recipe' ? buildNode(value, lower) : sourceNode(value, lower)
  return { value, node, pending: pending.reverse() }
}

function sourceNode(source: Source, lower: (text: Text) => EmittedText): EmittedNode {
  if (source.type === 'local') return localNode(source)
  if (source.type === 'unpacked') {
    return {
      kind: source.format === 'deb' ? 'unpack' : 'unpack-archive',
      name: source.name,
      source: lower(text({ kind: 'reference', to: source.package, output: 'out' })),
    }
  }
  if (source.type === 'git') {
    const { name, urls, commit, submodules, hash } = source
    return { kind: 'fetch-git', name, urls, commit, submodules, hash }
  }
  const { name, urls, hash, archive } = source
  return { kind: 'fetch', name, urls, hash, archive }
}

const localNode = ({ name, path }: LocalSource): EmittedNode => ({ kind: 'local', name, path })

function buildNode(recipe: Recipe, lower: (text: Text) => EmittedText): EmittedNode {
  const { driver } = recipe.phases
  const shell = lower(driver.shell(recipe))
  const script = lower(driver.script(renderPhases(recipe), recipe))
  return {
    kind: 'build',
    name: `${recipe.name}-${recipe.version}`,
    builder: shell,
    args: [...(driver.shellArguments ?? []).map(word => [word]), ['-c'], script],
    env: Object.fromEntries([...variables(recipe)].map(([name, value]) => [name, lower(value)])),
    shell,
    outputs: recipe.outputs,
    user: recipe.user,
    epoch: recipe.epoch,
    tracer: recipe.tracer,
  }
}

/** The variables of a build: its inputs' search paths, `$source`, then the recipe's own. */
function variables(recipe: Recipe): Map<string, Text> {
  const all = searchVariables(recipe.inputs)
  all.set(
    'inputs',
    text(
      ...Object.values(recipe.inputs)
        .flatMap(inputReferences)
        .flatMap((input, i) => (i > 0 ? [' ', input] : [input])),
    ),
  )
  if (recipe.source) all.set('source', asText(recipe.source))
  for (const [name, value] of Object.entries(recipe.env)) all.set(name, asText(value))
  for (const name of recipe.outputs) {
    if (all.has(name))
      throw new RecipeProblem(`"${recipe.name}" has an output and a variable called "${name}"`)
  }
  return all
}

function asText(value: string | number | Text | Reference | Buildable): Text {
  if (isText(value)) return value
  const reference = asReference(value)
  return reference ? text(reference) : text(String(value))
}
