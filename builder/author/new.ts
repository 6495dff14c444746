import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatDigest, systemCode, writing } from '../../store/index.js'
import type { DownloadCache } from '../fetch/cache.js'
import { downloadUrl, type UrlContext } from '../fetch/hash-url.js'
import type { RecipeWorld } from '../lower/roots.js'
import { detectBuildSystem } from './build-system.js'
import { RecipeExists } from './errors.js'
import { guessLicense } from './license.js'
import { readSource } from './source.js'
import { writeTypes } from './types.js'
import { fileOf, versionOf, writeRecipe } from './write.js'

/** What the author says of a package; the rest is read from its source. */
export interface NewOptions {
  readonly name: string
  readonly url: string
  readonly version: string | undefined
  readonly synopsis: string | undefined
  readonly homepage: string | undefined
}

export interface NewRecipe {
  readonly file: string
  /** What was written beside it for editors. */
  readonly config: string | undefined
  readonly version: string
  readonly hash: string
  readonly license: string | undefined
  readonly buildSystem: string
  /** What its author has still to do. */
  readonly todo: readonly string[]
}

/** What a recipe is made with. */
export interface NewContext extends UrlContext {
  /** The channel that the recipe becomes part of, and its folder. */
  readonly world: RecipeWorld
  readonly folder: string
  readonly cache: DownloadCache
  readonly warn: (text: string) => void
}

/** Version of a source whose name has none. */
const NO_VERSION = '0'

/** Fetches a source and writes a recipe for it into the channel, which has none of its name. */
export async function newRecipe(options: NewOptions, context: NewContext): Promise<NewRecipe> {
  const { name, url } = options
  const { world, folder } = context
  const file = join(world.channel.folder, `${name}.ts`)
  if (await isThere(file)) throw new RecipeExists(file)
  const { hash, content } = await fetchSource(url, context)
  const buildSystem = detectBuildSystem(content, fileOf(url))
  const version = options.version ?? versionOf(url) ?? NO_VERSION
  const license = content && guessLicense(content)
  const text = writeRecipe({
    ...options,
    version,
    hash,
    license,
    buildSystem,
    hasToolchain: await isThere(join(world.channel.folder, 'toolchain.ts')),
  })
  await writing(file, () =>
    writeFile(file, text, { flag: 'wx' }).catch(error => {
      throw systemCode(error) === 'EEXIST' ? new RecipeExists(file) : error
    }),
  )
  // A channel that carries the library has settings for its types as well.
  const config = world.base ? await writeTypes(folder, world) : undefined
  const todo = [
    ...(buildSystem.isUnfinished ? [`it is built with ${buildSystem.title}: write its phases`] : []),
    ...(version === NO_VERSION ? ['no version is in the name of its source: write it'] : []),
    ...(license === undefined
      ? ['no licence was found: write its SPDX name']
      : [`check the license, ${license}`]),
    ...(options.synopsis === undefined ? ['say in the meta what it is: synopsis'] : []),
    ...(options.homepage === undefined ? ['say in the meta where it comes from: homepage'] : []),
  ]
  return { file, config, version, hash, license, buildSystem: buildSystem.title, todo }
}

/** Fetches a source, looks into it, and keeps it for the build. */
async function fetchSource(url: string, context: NewContext) {
  const folder = await mkdtemp(join(tmpdir(), 'store-new-'))
  try {
    const target = join(folder, 'source')
    const digest = await downloadUrl(url, target, context)
    const content = await readSource(target)
    await context.cache.keep(digest, target, context)
    return { hash: formatDigest(digest), content }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
