import { mkdir, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { writing } from '../../store/index.js'
import { HIDDEN } from '../lower/reach.js'
import type { RecipeWorld } from '../lower/roots.js'

/** The declarations of the library whose script is `library`: its sources, or what was made of them. */
const declarationsOf = (library: string): string =>
  basename(library) === 'index.ts' ? library : join(dirname(library), 'types/builder/recipe/index.d.ts')

/** How recipes of `world` are compiled: what they import is found where the program finds it. */
export const typeSettings = ({
  library,
  base,
  channel,
}: Pick<RecipeWorld, 'library' | 'base' | 'channel'>) => ({
  compilerOptions: {
    target: 'es2023',
    lib: ['es2023'],
    module: 'esnext',
    moduleResolution: 'bundler',
    types: [],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    resolveJsonModule: true,
    allowImportingTsExtensions: true,
    paths: {
      'store/recipe': [declarationsOf(library)],
      'store/channel/*': [join((base ?? channel).folder, '*.ts')],
    },
  },
})

/** What recipes have beside the language: the loader puts in the place of a file. */
export const GLOBALS = 'interface ImportMeta { readonly url: string }\n'

/**
 * Makes a folder of recipes one that editors understand. What differs between machines lies in `.store`, which git
 * does not see. Gives the `tsconfig.json` that it wrote, or `undefined` when there was one.
 */
export async function writeTypes(folder: string, world: RecipeWorld): Promise<string | undefined> {
  const hidden = join(folder, HIDDEN)
  const config = join(folder, 'tsconfig.json')
  const isThere = await stat(config).then(
    () => true,
    () => false,
  )
  await writing(hidden, async () => {
    await mkdir(hidden, { recursive: true })
    await writeFile(join(hidden, '.gitignore'), '*\n')
    await writeFile(join(hidden, 'globals.d.ts'), GLOBALS)
    const settings = { ...typeSettings(world), include: ['../**/*.ts', './globals.d.ts'] }
    await writeFile(join(hidden, 'tsconfig.json'), `${JSON.stringify(settings, undefined, 2)}\n`)
    if (!isThere) await writeFile(config, `{\n  "extends": "./${HIDDEN}/tsconfig.json"\n}\n`)
  })
  return isThere ? undefined : config
}
