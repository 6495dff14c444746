import { basename } from 'node:path'
import type { EmitOptions, Transformations } from '../recipe/index.js'
import { channelFiles, load } from './load.js'
import type { Remembered } from './remember.js'
import type { RecipeWorld, Root } from './roots.js'
import { findSound, isMistake } from './sound.js'

/** What is asked for, and how it is changed, if it is. */
interface Asked {
  readonly select: NonNullable<EmitOptions['select']>
  readonly transform: Transformations | undefined
}

/**
 * Evaluates recipe files, for a transformation with those of all packages that it may mean by a name. A broken one among
 * these is left out, unless it is called like a package that is asked for or changed.
 */
export async function loadMeant(
  world: RecipeWorld,
  own: readonly string[],
  roots: readonly Root[],
  { select, transform }: Asked,
): Promise<Remembered> {
  if (transform === undefined) return load(world, own, roots, { select })
  const { channel, base } = world
  const others = [...(await channelFiles(channel)), ...(base ? await channelFiles(base) : [])]
  const attempt = (files: readonly string[]): Promise<Remembered> =>
    load(world, [...new Set([...own, ...files])], roots, { select, transform })
  return attempt(others).catch(async error => {
    if (!isMistake(error)) throw error
    const { files } = await findSound(world, others)
    const names = [select.name, ...namesIn(transform)]
    const broken = others.filter(file => !files.includes(file))
    if (broken.length === 0 || broken.some(file => names.includes(basename(file, '.ts')))) throw error
    return await attempt(files)
  })
}

const namesIn = ({
  withSource = [],
  withPatch = [],
  withoutTests = [],
  withInput = [],
}: Transformations): readonly string[] => [
  ...withoutTests,
  ...[...withSource, ...withPatch].map(({ name }) => name),
  ...withInput.flatMap(({ name, replacement }) => [name, replacement]),
]
