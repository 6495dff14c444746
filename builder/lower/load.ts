import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { EmitOptions, EmittedPackage } from '../recipe/index.js'
import { nameCulprit } from './blame.js'
import { bundle } from './bundle.js'
import { startEvaluator } from './confined.js'
import { evaluate } from './evaluate.js'
import { SHORT_TIMEOUT } from './protocol.js'
import { evaluateOnce, type Remembered } from './remember.js'
import { nameFile, type RecipeWorld, type Root, rootsOf } from './roots.js'
import { witness } from './witness.js'

/** The files of a channel's packages, by name. Editors keep hidden files beside those they write: none is a recipe file. */
export async function channelFiles({ folder }: Root): Promise<readonly string[]> {
  const names = await readdir(folder)
  return names
    .filter(name => name.endsWith('.ts') && !name.endsWith('.d.ts') && !name.startsWith('.'))
    .sort()
    .map(name => join(folder, name))
}

/** All packages of some recipe files; none is lowered. */
export const listFiles = async (
  world: RecipeWorld,
  files: readonly string[],
  { timeout }: { readonly timeout?: number | undefined } = {},
): Promise<readonly EmittedPackage[]> =>
  (await load(world, files, rootsOf(world), {}, timeout)).emission.packages

/** Evaluates recipe files together. Who gives a `timeout` looks for the file that fails by parting them. */
export async function load(
  world: RecipeWorld,
  files: readonly string[],
  roots: readonly Root[],
  options: EmitOptions,
  timeout?: number,
): Promise<Remembered> {
  const { evaluator, memory, library, base } = world
  const attempt = async (files: readonly string[], timeout?: number) => {
    const names = files.map(file => nameFile([...roots].reverse(), file) ?? file)
    // It starts while the recipes are bundled.
    using running = startEvaluator(evaluator)
    const bundled = await bundle(files, roots, world)
    const limited = { ...options, running, ...(timeout !== undefined && { timeout }) }
    return { emission: await evaluate(bundled, roots, names, limited), places: bundled.places }
  }
  const evaluateNow = () =>
    attempt(files, timeout).catch(async error => {
      if (timeout !== undefined && files.length > 1) throw error
      throw await nameCulprit(error, files, some => attempt(some, SHORT_TIMEOUT))
    })
  if (memory === undefined || options.transform !== undefined)
    return { emission: (await evaluateNow()).emission }
  // The evaluator is built anew with the program: its file stands for this version of it.
  const question = { program: witness(evaluator.program), library, base, roots, files, options }
  return evaluateOnce(memory, question, evaluateNow)
}
