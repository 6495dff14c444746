import type { EmittedPackage } from '../recipe/index.js'
import { BadRecipe, InputCycle } from './errors.js'
import { channelFiles, listFiles } from './packages.js'
import { SHORT_TIMEOUT } from './protocol.js'
import type { RecipeWorld } from './roots.js'

/** How often recipe files that fail together are parted while none is found that does not fail, and at most. */
const PARTINGS = { hopeless: 20, most: 200 }

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
      sound.push(...(await listFiles(world, group, { timeout: partings === 0 ? undefined : SHORT_TIMEOUT })))
    } catch (error) {
      if (!(error instanceof BadRecipe || error instanceof InputCycle)) throw error
      const half = Math.ceil(group.length / 2)
      const most = sound.length === 0 ? PARTINGS.hopeless : PARTINGS.most
      if (group.length > 1 && partings++ < most) groups.push(group.slice(0, half), group.slice(half))
      else mistakes.set(error.message, error)
    }
  }
  for (const mistake of mistakes.values()) tell(mistake)
  return sound
}
