import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Level } from 'level'
import { systemCode } from '../error.js'
import type { Keeper } from '../keeper.js'
import { DatabaseDamaged, explain, openPatiently, type Place, unfinishedRescue } from './open.js'

/** On Node, `level` is LevelDB, whose types for all platforms do not tell of what it can do beside. */
const levelDb = Level as unknown as { repair(directory: string): Promise<void> }

/**
 * Makes a database that cannot be used anew, unless it can be. It takes its place when `complete`, which gets where it
 * is made, has filled it: until then there is none, so that nobody takes objects whose records are lost for garbage.
 * Whenever it is interrupted, the next rescue goes on. LevelDB saves what it can read of the old one; when that is not
 * enough, the old one is moved aside and an empty one is filled. Returns where it lies now, if it was moved.
 */
export async function rescueDatabase(
  place: Place,
  keeper: Keeper,
  complete: (directory: string) => Promise<void>,
): Promise<string | undefined> {
  if (await isWhole(place, keeper)) return undefined
  const { directory } = place
  const state = dirname(directory)
  const unfinished = unfinishedRescue(directory)
  // What is left of one that another repair has moved away is none.
  if (existsSync(directory) && (isDatabase(directory) || !existsSync(unfinished))) {
    if (existsSync(unfinished)) await moveAside(unfinished, directory)
    await rename(directory, unfinished)
    await keeper.sync(state)
  }
  const aside = await makeReadable(unfinished, directory, keeper)
  await complete(unfinished)
  await keeper.sync(state)
  await removeEmpty(directory)
  await rename(unfinished, directory)
  await keeper.sync(state)
  return aside
}

const isDatabase = (directory: string): boolean => existsSync(join(directory, 'CURRENT'))

/** Whoever opened the database while it was away has left a lock and a log of nothing. */
async function removeEmpty(directory: string): Promise<void> {
  if (!isDatabase(directory)) await rm(directory, { recursive: true, force: true })
}

async function makeReadable(
  unfinished: string,
  directory: string,
  keeper: Keeper,
): Promise<string | undefined> {
  const place: Place = { directory: unfinished, mayBeAbsent: () => !existsSync(unfinished) }
  if (await isWhole(place, keeper)) return undefined
  await levelDb.repair(unfinished).catch((error: unknown) => {
    if (!systemCode(error)?.startsWith('LEVEL_')) throw error
  })
  if (await isWhole(place, keeper)) return undefined
  return moveAside(unfinished, directory)
}

async function moveAside(from: string, directory: string): Promise<string> {
  const aside = `${directory}.damaged-${Date.now()}`
  await rename(from, aside)
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
