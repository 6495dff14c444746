import type { EmittedPackage } from '../recipe/index.js'
import { BadRecipe, InputCycle } from './errors.js'
import { channelFiles, listFiles } from './packages.js'
import type { RecipeWorld } from './roots.js'

/** How often recipe files that fail together are parted, before those that still do are taken for bad, all of them. */
const PARTINGS = 20

/**
 * The packages of a channel's recipe files that can be evaluated; none is lowered. `tell` gets the mistakes of the others,
 * each once.
 */
export async function listSound(
  world: RecipeWorld,
  tell: (mistake: BadRecipe | InputCycle) => void,
): Promise<readonly EmittedPackage[]> {
  const sound: EmittedPackage[] = []
  const mistakes = new Map<string, BadRecipe | InputCycle>()
  const groups = [await channelFiles(world.channel)]
  let partings = 0
  for (let group = groups.shift(); group; group = groups.shift()) {
    try {
      sound.push(...(await listFiles(world, group)))
    } catch (error) {
      if (!(error instanceof BadRecipe || error instanceof InputCycle)) throw error
      const half = Math.ceil(group.length / 2)
      if (group.length > 1 && partings++ < PARTINGS) groups.push(group.slice(0, half), group.slice(half))
      else mistakes.set(error.message, error)
    }
  }
  for (const mistake of mistakes.values()) tell(mistake)
  return sound
}
