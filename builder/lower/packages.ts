import { readdir } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import type { Emission, EmittedPackage, Transformations } from '../recipe/index.js'
import { closest } from './closest.js'
import { BadPackageName, UnknownOutput, UnknownPackage } from './errors.js'
import { channelFiles, listFiles, load } from './load.js'
import { loadMeant } from './meant.js'
import { locateFile, makeRoot, nameFile, type RecipeWorld, type Root, rootsOf } from './roots.js'
import type { Witness } from './witness.js'

/** A package as a user names it. */
export type PackageName =
  | {
      readonly kind: 'channel'
      readonly name: string
      readonly version: string | undefined
      readonly output: string | undefined
    }
  | {
      readonly kind: 'file'
      readonly file: string
      readonly name: string | undefined
      readonly output: string | undefined
    }

/** A package that was asked for, in the emission that declares it. */
export interface FoundPackage {
  readonly emission: Emission
  /** What must be unchanged for the emission to hold, where that can be told. */
  readonly witnesses?: readonly Witness[]
  readonly roots: readonly Root[]
  readonly package: EmittedPackage
  /** The outputs asked for. */
  readonly outputs: readonly string[]
}

/** Reads `hello`, `hello@2.10`, `hello:dev`, `./my.ts`, `./my.ts:name`, `./my.ts:name:dev`, `./my.ts::dev`. */
export function parsePackageName(text: string): PackageName {
  const file = /^(.*\.ts)(?::([^/:]*))?(?::([^/:]+))?$/s.exec(text)
  if (file?.[1]?.includes('/'))
    return { kind: 'file', file: file[1], name: file[2] || undefined, output: file[3] }
  const match = /^([^@:/]+)(?:@([^@:/]+))?(?::([^@:/]+))?$/s.exec(text)
  if (!match?.[1])
    throw new BadPackageName(text, text.includes('/') ? 'a recipe file ends in .ts' : 'it is not a name')
  return { kind: 'channel', name: match[1], version: match[2], output: match[3] }
}

/** All packages of the channel, sorted by name; none is lowered. */
export const listPackages = async (world: RecipeWorld): Promise<readonly EmittedPackage[]> =>
  (await listFiles(world, await channelFiles(world.channel))).toSorted((a, b) =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : 0,
  )

/** Whether the channel has a package of this name, of one version if that is given; whatever it has and needs. */
export async function hasPackage(
  world: RecipeWorld,
  { name, version }: { readonly name: string; readonly version: string | undefined },
): Promise<boolean> {
  for (const candidates of startingAt(await channelFiles(world.channel), name)) {
    const { emission } = await load(world, candidates, rootsOf(world), {})
    const isThere = emission.packages.some(
      other => other.name === name && (version === undefined || other.version === version),
    )
    if (isThere) return true
  }
  return false
}

/** Declares all packages of recipe files, and all that they need. */
export const emitFiles = async (world: RecipeWorld, files: readonly string[]): Promise<Emission> =>
  (await load(world, files, rootsOf(world), { select: {} })).emission

/** How a package is looked for: where relative recipe files start, and what is changed on the way. */
export interface FindOptions {
  readonly cwd: string
  readonly transform?: Transformations
  /** Where the files of the transformations lie. */
  readonly given?: readonly Root[]
}

/** Finds a package and declares all it needs. */
export async function findPackage(
  world: RecipeWorld,
  text: string,
  options: FindOptions,
): Promise<FoundPackage> {
  const name = parsePackageName(text)
  const found =
    name.kind === 'file'
      ? await findInFile(world, text, name, options)
      : await findInChannel(world, text, name, options)
  const outputs = name.output === undefined ? ['out'] : [name.output]
  for (const output of outputs) {
    if (!found.package.outputs.includes(output))
      throw new UnknownOutput(found.package.name, output, found.package.outputs)
  }
  return { ...found, roots: [...found.roots, ...(options.given ?? [])], outputs }
}

type Found = Omit<FoundPackage, 'outputs'>

async function findInFile(
  world: RecipeWorld,
  text: string,
  { file, name }: Extract<PackageName, { kind: 'file' }>,
  { cwd, transform }: FindOptions,
): Promise<Found> {
  const path = resolve(cwd, file)
  const root = await makeRoot('local', dirname(path)).catch(() => {
    throw new BadPackageName(text, 'there is no such file')
  })
  const roots = [...rootsOf(world), root]
  const exists = (await readdir(root.folder)).includes(basename(path))
  if (!exists) throw new BadPackageName(text, 'there is no such file')
  const own = join(root.folder, basename(path))
  const select = { file: nameFile([root], own)!, ...(name !== undefined && { name }) }
  const loaded = await loadMeant(world, [own], roots, { select, transform })
  const { emission } = loaded
  const names = emission.packages.filter(({ file }) => file === select.file).map(({ name }) => name)
  const chosen = emission.packages.filter(({ node }) => node !== undefined)
  if (chosen.length === 1) return { ...loaded, roots, package: chosen[0]! }
  if (name !== undefined)
    throw new UnknownPackage(
      text,
      closest(name, names).map(name => `${file}:${name}`),
      `Its recipes are: ${names.join(', ')}`,
    )
  if (chosen.length === 0)
    throw new BadPackageName(
      text,
      'the file exports no recipe',
      'Write: export const it = recipe({ ... }); a function that gives recipes, or a record of them, is none',
    )
  throw new BadPackageName(
    text,
    `the file exports several: ${chosen.map(({ name }) => name).join(', ')}`,
    `Name one of them: ${file}:${chosen[0]!.name}`,
  )
}

async function findInChannel(
  world: RecipeWorld,
  text: string,
  { name, version }: Extract<PackageName, { kind: 'channel' }>,
  { transform }: FindOptions,
): Promise<Found> {
  const roots = rootsOf(world)
  const own = await channelFiles(world.channel)
  const select = { name, ...(version !== undefined && { version }) }
  for (const files of transform ? [[]] : startingAt(own, name)) {
    const loaded = await loadMeant(world, files, roots, { select, transform })
    // The channel may be the folder of its base, by whose name they go then.
    const found = loaded.emission.packages.find(
      ({ file, node }) => node !== undefined && own.includes(locateFile(roots, file) ?? ''),
    )
    if (found) return { ...loaded, roots, package: found }
  }
  throw new UnknownPackage(text, suggest(text, name, await listPackages(world)))
}

/** A package usually lies in the file of its name: then no other of `files` is even read. */
function startingAt(files: readonly string[], name: string): readonly (readonly string[])[] {
  const own = files.filter(file => basename(file, extname(file)) === name)
  return own.length > 0 ? [own, files] : [files]
}

function suggest(text: string, name: string, packages: readonly EmittedPackage[]): readonly string[] {
  if (text.endsWith('.ts')) return [`./${text}`]
  const versions = packages.filter(candidate => candidate.name === name)
  if (versions.length > 0 && text.includes('@'))
    return versions.map(({ name, version }) => `${name}@${version}`)
  return closest(
    name,
    packages.map(candidate => candidate.name),
  )
}
