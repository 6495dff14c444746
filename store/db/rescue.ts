import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { Level } from 'level'
import { systemCode } from '../error.js'
import type { Keeper } from '../keeper.js'
import { DatabaseDamaged, explain, openPatiently, type Place } from './open.js'
import { openTables } from './tables.js'

/** On Node, `level` is LevelDB, whose types for all platforms do not tell of what it can do beside. */
const levelDb = Level as unknown as { repair(directory: string): Promise<void> }

/**
 * Makes a database that cannot be read one that can: LevelDB saves of it what it can read; when that is not enough, it
 * is moved aside and an empty one takes its place. Returns where it lies now, if it was moved.
 */
export async function rescueDatabase(place: Place, keeper: Keeper): Promise<string | undefined> {
  const { directory } = place
  if (await isWhole(place, keeper)) return undefined
  await levelDb.repair(directory).catch((error: unknown) => {
    if (!systemCode(error)?.startsWith('LEVEL_')) throw error
  })
  if (await isWhole(place, keeper)) return undefined
  const aside = existsSync(directory) ? `${directory}.damaged-${Date.now()}` : undefined
  if (aside !== undefined) await rename(directory, aside)
  await (await openTables(directory)).level.close()
  return aside
}

/** Whether all of it can be read: it may open although some of its files cannot be. */
async function isWhole(place: Place, keeper: Keeper): Promise<boolean> {
  try {
    const { level } = await openPatiently(place, keeper)
    try {
      for await (const _ of level.keys());
      return true
    } finally {
      await level.close()
    }
  } catch (error) {
    const explained = await explain(place.directory, error)
    if (explained instanceof DatabaseDamaged) return false
    throw explained
  }
}
