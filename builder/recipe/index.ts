// What recipes import as `store/recipe`. It imports nothing of the program and gives plain data,
// so that tomorrow's program can run today's library.

export type { Emission, EmitOptions, EmittedNode, EmittedPackage, EmittedText } from './emit.js'
export { emit } from './emit.js'
export { type FetchGitOptions, fetchGit } from './git.js'
export type { Phase, Phases } from './phases.js'
export { RecipeProblem } from './problem.js'
export { type Epoch, type Meta, type Recipe, type RecipeOptions, recipe } from './recipe.js'
export { defaultSearchPaths, type SearchPaths } from './search.js'
export {
  type FetchOptions,
  fetchTarball,
  fetchUrl,
  localFile,
  type Source,
  unpackArchive,
  unpackDeb,
} from './source.js'
export { type CopyOptions, copy } from './systems/copy.js'
export { gnu } from './systems/gnu/index.js'
export type { GnuOptions } from './systems/gnu/options.js'
export { type TrivialOptions, trivial } from './systems/trivial.js'
export { lines, output, type Reference, type ShellValue, sh, type Text, text } from './text.js'
export type { GivenFile, Transformations } from './transform.js'
