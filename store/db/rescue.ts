import { rename } from 'node:fs/promises'
import { Level } from 'level'
import { systemCode } from '../error.js'
import type { Keeper } from '../keeper.js'
import { DatabaseDamaged, openPatiently } from './open.js'

/** On Node, `level` is LevelDB, whose types for all platforms do not tell of what it can do beside. */
const levelDb = Level as unknown as { repair(directory: string): Promise<void> }

/**
 * Makes a database that cannot be opened one that can: LevelDB saves of it what it can read; when that is not enough,
 * it is moved aside and an empty one takes its place. Returns where it lies now, if it was moved.
 */
export async function rescueDatabase(directory: string, keeper: Keeper): Promise<string | undefined> {
  const opens = async (): Promise<boolean> => {
    try {
      await (await openPatiently(directory, keeper)).level.close()
      return true
    } catch (error) {
      if (error instanceof DatabaseDamaged) return false
      throw error
    }
  }
  if (await opens()) return undefined
  await levelDb.repair(directory).catch((error: unknown) => {
    if (!systemCode(error)?.startsWith('LEVEL_')) throw error
  })
  if (await opens()) return undefined
  const aside = `${directory}.damaged-${Date.now()}`
  await rename(directory, aside)
  return aside
}
