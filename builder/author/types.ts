import { existsSync, lstatSync, readFileSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { whereReachable, writeEntry, writing } from '../../store/index.js'
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

/** What a `tsconfig.json` extends that `writeTypes` wrote. */
const SETTINGS = `./${HIDDEN}/tsconfig.json`

/**
 * Makes a folder of recipes one that editors understand. What differs between machines lies in `.store`, which git
 * does not see. Gives the `tsconfig.json` that it wrote, or `undefined` when there was one.
 */
export async function writeTypes(folder: string, world: RecipeWorld): Promise<string | undefined> {
  writeHidden(folder, world)
  const config = join(folder, 'tsconfig.json')
  if (existsSync(config)) return undefined
  await writing(config, () => writeFile(config, `{\n  "extends": "${SETTINGS}"\n}\n`))
  return config
}

/**
 * Writes anew what editors need of this machine for the recipes in `folder`, where their `tsconfig.json` refers to it: a
 * clone of a channel comes without it. Nothing else is written, and nothing into what may not be, as an object.
 */
export function refreshTypes(folder: string, world: RecipeWorld): void {
  const text = whereReachable(() => readFileSync(join(folder, 'tsconfig.json'), 'utf8'))
  if (text?.includes(SETTINGS) && (statSync(folder).mode & 0o200) !== 0) writeHidden(folder, world)
  else if (text === undefined && dirname(folder) !== folder) refreshTypes(dirname(folder), world)
}

function writeHidden(folder: string, world: RecipeWorld): void {
  const hidden = join(folder, HIDDEN)
  if (!isFree(hidden)) return
  const settings = { ...typeSettings(world), include: ['../**/*.ts', './globals.d.ts'] }
  writeEntry(folder, hidden, '.gitignore', IGNORING)
  writeEntry(folder, hidden, 'globals.d.ts', GLOBALS)
  writeEntry(folder, hidden, 'tsconfig.json', `${JSON.stringify(settings, undefined, 2)}\n`)
}

const IGNORING = '*\n'

/** Whether nothing is there but what was written by us: a channel may have a file or a symlink in its place. */
const isFree = (hidden: string): boolean =>
  lstatSync(hidden, { throwIfNoEntry: false }) === undefined ||
  whereReachable(() => readFileSync(join(hidden, '.gitignore'), 'utf8')) === IGNORING
