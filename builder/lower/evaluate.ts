import { SourceMap } from 'node:module'
import { join } from 'node:path'
import type { Emission, EmitOptions } from '../recipe/index.js'
import type { Bundle } from './bundle.js'
import type { RunningEvaluator } from './confined.js'
import { parseEmission } from './emission.js'
import { BadRecipe, InputCycle, type Location } from './errors.js'
import { BUNDLE, type Evaluated, TIMEOUT } from './protocol.js'
import { locateFile, nameFile, type Root, showFile } from './roots.js'

/**
 * Runs a bundle of recipes and gives what they declare, as plain data. `files` are those whose exports are
 * packages, in the order of the bundle's modules, as `<root>/<path>`. Nothing of this program's own world is
 * handed in: text goes in, text comes out.
 */
export async function evaluate(
  bundle: Bundle,
  roots: readonly Root[],
  files: readonly string[],
  {
    running,
    timeout = TIMEOUT,
    ...options
  }: EmitOptions & { readonly running: RunningEvaluator; readonly timeout?: number },
): Promise<Emission> {
  const modules = `Object.fromEntries(channel.modules.map((m, i) => [${JSON.stringify(files)}[i], m]))`
  const expression = `JSON.stringify(channel.emit(${modules}, ${optionsFor(options)}))`
  const answer = await running.evaluate({ code: bundle.code, expression, timeout })
  if ('error' in answer) throw explain(answer.error, bundle, roots)
  return parseEmission(answer.emission)
}

/**
 * The options as every library reads them: plain data and, for the first libraries, which took a function that
 * selects, also that. Those knew no changes, and say of none that it applied.
 */
const optionsFor = (options: EmitOptions): string => `(options =>
  Object.assign((name, version, file) => options.select !== undefined &&
    Object.entries(options.select).every(([key, value]) => value === { name, version, file }[key]), options)
)(${JSON.stringify(options)})`

/** The recipe's mistake, at the recipe's own line. The value may come from the recipe's own world. */
function explain(
  { name, message, stack, hint, code: ending }: Extract<Evaluated, { error: unknown }>['error'],
  bundle: Bundle,
  roots: readonly Root[],
): Error {
  if (ending === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
    return new BadRecipe(
      undefined,
      `The recipes are not evaluated after ${TIMEOUT / 1000} seconds`,
      'A recipe is a declaration; look for a loop that does not end',
    )
  const location = stack === undefined ? undefined : findLocation(stack, bundle, roots)
  const cycle = /undefined/.test(`${message} ${hint}`) ? findCycle(bundle.imports()) : undefined
  if (cycle) return new InputCycle(cycle.map(file => showFile(roots, file)))
  if (name === 'RecipeProblem') return new BadRecipe(location, message, hint)
  return new BadRecipe(location, `the recipe throws ${name}: ${message}`)
}

/** The innermost place of a stack that lies in a recipe file. */
function findLocation(stack: string, bundle: Bundle, roots: readonly Root[]): Location | undefined {
  const map = new SourceMap(JSON.parse(bundle.map()))
  for (const [, line, column] of stack.matchAll(new RegExp(`${BUNDLE}:(\\d+):(\\d+)`, 'g'))) {
    const entry = map.findEntry(Number(line) - 1, Number(column) - 1)
    if (!('originalSource' in entry)) continue
    const file = nameFile(roots, sourceFile(entry.originalSource))
    if (file === undefined || locateFile(roots, file) === undefined) continue
    return { file: showFile(roots, file), line: entry.originalLine + 1, column: entry.originalColumn + 1 }
  }
  return undefined
}

/** The file that a source of esbuild's maps is: relative to the root, with some letters written as in a URL. */
const sourceFile = (source: string): string => join('/', decodeURIComponent(source))

/** A cycle among imports, from its first file in the order of names back to it, or `undefined`. */
export function findCycle(imports: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>()
  for (const start of imports.keys()) {
    /** The files from `start` to the one that is looked at, each with its imports that are left. */
    const trail = new Map<string, string[]>()
    const stack: string[] = []
    const enter = (file: string): void => {
      trail.set(file, [...(imports.get(file) ?? [])].reverse())
      stack.push(file)
    }
    if (!done.has(start)) enter(start)
    for (let file = stack.at(-1); file !== undefined; file = stack.at(-1)) {
      const next = trail.get(file)!.pop()
      if (next === undefined) {
        done.add(file)
        trail.delete(file)
        stack.pop()
      } else if (trail.has(next)) return rotate(stack.slice(stack.indexOf(next)))
      else if (!done.has(next)) enter(next)
    }
  }
  return undefined
}

function rotate(cycle: readonly string[]): readonly string[] {
  const first = cycle.indexOf(cycle.toSorted()[0]!)
  return [...cycle.slice(first), ...cycle.slice(0, first + 1)]
}
