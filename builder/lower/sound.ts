import type { EmittedPackage } from '../recipe/index.js'
import { BadRecipe, InputCycle } from './errors.js'
import { channelFiles, listFiles } from './load.js'
import { SHORT_TIMEOUT } from './protocol.js'
import type { RecipeWorld } from './roots.js'

/** How often recipe files that fail together are parted while none is found that does not fail, and at most. */
const PARTINGS = { hopeless: 20, most: 200 }

/** What is wrong with recipes, and not with whoever evaluates them. */
type Mistake = BadRecipe | InputCycle

export const isMistake = (error: unknown): error is Mistake =>
  error instanceof BadRecipe || error instanceof InputCycle

/**
 * The packages of a channel's recipe files that can be evaluated; none is lowered. `tell` gets the mistakes of the others,
 * each once.
 */
export async function listSound(
  world: RecipeWorld,
  tell: (mistake: Mistake) => void,
): Promise<readonly EmittedPackage[]> {
  const { packages, mistakes } = await findSound(world, await channelFiles(world.channel))
  for (const mistake of mistakes) tell(mistake)
  return packages
}

/** Those of some recipe files of the channel, or of its base, that can be evaluated, and what is wrong with the others. */
export async function findSound(world: RecipeWorld, all: readonly string[]) {
  const files: string[] = []
  const packages: EmittedPackage[] = []
  const mistakes = new Map<string, Mistake>()
  const groups = [all]
  let partings = 0
  for (let group = groups.shift(); group; group = groups.shift()) {
    try {
      packages.push(
        ...(await listFiles(world, group, { timeout: partings === 0 ? undefined : SHORT_TIMEOUT })),
      )
      files.push(...group)
    } catch (error) {
      if (!isMistake(error)) throw error
      const half = Math.ceil(group.length / 2)
      const most = packages.length === 0 ? PARTINGS.hopeless : PARTINGS.most
      if (group.length > 1 && partings++ < most) groups.push(group.slice(0, half), group.slice(half))
      else mistakes.set(error.message, error)
    }
  }
  return { files, packages, mistakes: [...mistakes.values()] }
}
