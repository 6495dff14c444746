import { existsSync, readFileSync } from 'node:fs'
import { dirname, extname, join, relative } from 'node:path'
import type { BuildFailure, BuildOptions, Loader, Message, Metafile, Plugin } from 'esbuild'
import { BadRecipe } from './errors.js'
import { BUNDLE } from './protocol.js'
import { isLeftOut, isOutOfReach } from './reach.js'
import { nameFile, type RecipeWorld, type Root, showFile } from './roots.js'
import { placesOf } from './witness.js'

/** Recipes as one script that gives `modules` and the library's `emit`, with the map back to their lines. */
export interface Bundle {
  readonly code: string
  readonly map: () => string
  /** For each file, by its name in its root, the files it imports. */
  readonly imports: () => ReadonlyMap<string, readonly string[]>
  /** The files and folders that were looked at. */
  readonly places: readonly string[]
}

/**
 * Joins recipe files and what they import. Types are stripped, not checked. esbuild finds imports by itself; where one
 * of them is not as it must be, all are looked at again one by one, for the reason.
 */
export async function bundle(
  files: readonly string[],
  roots: readonly Root[],
  world: RecipeWorld,
): Promise<Bundle> {
  const esbuild = await import('esbuild')
  const options = optionsFor(files)
  const direct = await esbuild
    .build({ ...options, ...directImports(world), plugins: [recipeContents(roots, world)] })
    .catch(() => undefined)
  const isPlain = direct !== undefined && hasPlainImports(direct.metafile, world)
  const careful = () =>
    esbuild
      .build({ ...options, plugins: [recipeImports(world), recipeContents(roots, world)] })
      .catch((failure: BuildFailure) => {
        if (failure.errors?.[0]) throw syntaxError(failure.errors[0], roots)
        throw failure
      })
  const { metafile, outputFiles } = isPlain ? direct : await careful()
  const output = (suffix: string): string => outputFiles.find(file => file.path.endsWith(suffix))!.text
  const name = (file: string): string => nameFile(roots, `/${file}`) ?? file
  return {
    code: output(BUNDLE),
    map: () => output('.map'),
    imports: () =>
      new Map(
        Object.entries(metafile.inputs).map(([file, { imports }]) => [
          name(file),
          imports.filter(({ path }) => path !== HELPERS).map(({ path }) => name(path)),
        ]),
      ),
    places: placesOf(metafile, roots),
  }
}

const optionsFor = (files: readonly string[]) =>
  ({
    stdin: { contents: entry(files), resolveDir: '/', loader: 'js' },
    bundle: true,
    write: false,
    metafile: true,
    format: 'iife',
    globalName: 'channel',
    platform: 'neutral',
    target: 'es2022',
    // Calls take V8 less time than many tagged templates in one script: of lowering 10,000 recipes a twentieth.
    supported: { 'template-literal': false },
    outfile: `/${BUNDLE}`,
    absWorkingDir: '/',
    sourcemap: 'external',
    sourcesContent: false,
    // Functions are renamed when others that happen to be bundled are called alike. Recipes do not see that, unless they
    // look at one before its declaration has run.
    keepNames: true,
    logLevel: 'silent',
    // Recipes of a folder outside the clone are compiled alike, whatever a tsconfig beside them says.
    tsconfigRaw: {},
  }) as const satisfies BuildOptions

const CHANNEL_IMPORT = /^store\/channel\/[^.]+$/

/** What `store/channel/NAME` is in the folder of a channel. */
const channelName = (path: string): string => `${path.slice('store/channel/'.length)}.ts`

const channelFile = (world: RecipeWorld, path: string): string =>
  join((world.base ?? world.channel).folder, channelName(path))

/** What recipes import by name, found without asking us of each. */
const directImports = (world: RecipeWorld) =>
  ({
    alias: { 'store/recipe': world.library, 'store/channel': (world.base ?? world.channel).folder },
    packages: 'external',
  }) as const satisfies BuildOptions

/** What esbuild says that files import which use its own functions, as those do that keep names. */
const HELPERS = '<runtime>'

/** Whether all that is imported by name is what `recipeImports` would have given. */
const hasPlainImports = ({ inputs }: Metafile, world: RecipeWorld): boolean =>
  Object.values(inputs).every(({ imports }) =>
    imports.every(({ path, original = path, external }) => {
      if (path === HELPERS) return true
      if (external) return false
      if (/^[./]/.test(original) || original === path || original === 'store/recipe') return true
      return CHANNEL_IMPORT.test(original) && `/${path}` === channelFile(world, original)
    }),
  )

const entry = (files: readonly string[]): string =>
  [
    ...files.map((file, i) => `import * as m${i} from ${JSON.stringify(file)}`),
    "export { emit } from 'store/recipe'",
    `export const modules = [${files.map((_, i) => `m${i}`).join(', ')}]`,
  ].join('\n')

/** Recipes import the library, their channel's files and the shipped channel's, and nothing else. */
const recipeImports = (world: RecipeWorld): Plugin => ({
  name: 'recipe-imports',
  setup(build) {
    build.onResolve({ filter: /^store\/recipe$/ }, () => ({ path: world.library }))
    build.onResolve({ filter: CHANNEL_IMPORT }, ({ path }) => {
      const file = channelFile(world, path)
      if (existsSync(file)) return { path: file }
      const name = channelName(path)
      const isOwn = existsSync(join(world.channel.folder, name))
      const advice = isOwn ? `; import the "${name}" of this channel by its path, as "./${name}"` : ''
      return { errors: [{ text: `no recipe that the library comes with is "${path}"${advice}` }] }
    })
    build.onResolve({ filter: /^[^./]/ }, ({ path, importer }) =>
      importer === ''
        ? undefined
        : {
            errors: [
              {
                text: `it imports "${path}", but recipes import only store/recipe and files of their channel`,
              },
            ],
          },
    )
  },
})

/** Files of the library, as they are, and of the roots, which know by what name they go. */
const recipeContents = (roots: readonly Root[], world: RecipeWorld): Plugin => ({
  name: 'recipe-contents',
  setup(build) {
    const isOfLibrary = (path: string): boolean =>
      path === world.library ||
      (world.library.endsWith('/index.ts') && path.startsWith(`${dirname(world.library)}/`))
    build.onLoad({ filter: /.*/ }, ({ path }) => {
      const leftOut = {
        errors: [{ text: `it imports ${path}, which is in a folder that channels leave out` }],
      }
      if (isOfLibrary(path)) return isLeftOut(relative(dirname(world.library), path)) ? leftOut : undefined
      const name = nameFile(roots, path)
      if (name === undefined)
        return { errors: [{ text: `it imports ${path}, which is outside its channel` }] }
      if (isOutOfReach(name)) return leftOut
      const contents = readFileSync(path, 'utf8')
      return {
        contents: contents.replaceAll('import.meta.url', JSON.stringify(name)),
        loader: loaderOf(path),
      }
    })
  },
})

const loaderOf = (path: string): Loader => (extname(path) === '.json' ? 'json' : 'ts')

function syntaxError({ text, location }: Message, roots: readonly Root[]): BadRecipe {
  const sentence = text
    .replace(/^Top-level await .*/, 'a recipe cannot wait: there is no await outside functions')
    // esbuild names files relative to its working directory, which is the root.
    .replace(/ in "([^"/][^"]*)" for import /, ' in "/$1" for import ')
  if (!location) return new BadRecipe(undefined, sentence)
  const file = nameFile(roots, `/${location.file}`) ?? location.file
  return new BadRecipe(
    { file: showFile(roots, file), line: location.line, column: location.column + 1 },
    sentence,
  )
}
