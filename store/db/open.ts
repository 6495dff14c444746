import { existsSync } from 'node:fs'
import { access, constants, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { StoreError, systemCode } from '../error.js'
import { DiskFull, writing } from '../failure.js'
import type { Keeper } from '../keeper.js'
import { wakeHolder } from '../wake.js'
import { openTables, type Tables } from './tables.js'
import { announceWaiting } from './waiters.js'

export class DatabaseBusy extends StoreError {
  readonly code = 'DATABASE_BUSY'

  constructor(directory: string, holder: number | undefined) {
    super(`The database "${directory}" stays in use by ${holder ? `process ${holder}` : 'another process'}`, {
      hint: holder ? `See what it does with "ps ${holder}", and end it if it hangs` : 'Try again later',
    })
  }
}

export class DatabaseDamaged extends StoreError {
  readonly code = 'DATABASE_DAMAGED'

  constructor(directory: string, cause: unknown) {
    super(`Cannot use the database "${directory}": ${cause instanceof Error ? cause.message : cause}`, {
      hint: 'Make it anew from what is left of it, and from the objects: store verify --repair',
      cause,
    })
  }
}

/** Where a database lies. */
export interface Place {
  readonly directory: string
  /** Whether there may be none yet. One that was lost must not be taken for new: all objects would be garbage. */
  readonly mayBeAbsent: () => boolean
}

/** Where a database that was damaged is made anew. */
export const unfinishedRescue = (directory: string): string => `${directory}.rescued`

/** Milliseconds: a holder may be busy for so long before we look whether it is stopped, or give up. */
const LOOK_AFTER = 200
const GIVE_UP_AFTER = 120_000
const MIN_FREE = 1 << 20

/** Opens the database, waiting while another process has it; a holder that is stopped is woken until it closes. */
export async function openPatiently(place: Place, keeper: Keeper): Promise<Tables> {
  const { directory } = place
  const started = performance.now()
  const findHolder = () => keeper.findHolder(join(directory, 'LOCK')).catch(() => undefined)
  let withdraw = (): void => undefined
  try {
    for (let attempt = 0; ; attempt++) {
      const tables = await tryToOpen(place)
      if (tables) return tables
      if (attempt === 0) withdraw = announceWaiting(directory)
      const waited = performance.now() - started
      if (waited > GIVE_UP_AFTER) throw new DatabaseBusy(directory, await findHolder())
      if (waited > LOOK_AFTER) await wakeHolder(findHolder)
      await delay(1 + Math.random() * Math.min(10, waited / 4))
    }
  } finally {
    withdraw()
  }
}

/** The database, or `undefined` while another process has it. */
async function tryToOpen({ directory, mayBeAbsent }: Place): Promise<Tables | undefined> {
  const isAbsent = (): boolean => !existsSync(join(directory, 'CURRENT'))
  const isRescued = (): boolean => existsSync(unfinishedRescue(directory))
  const wasAbsent = isAbsent()
  // Another process may be making it, and objects, while we look.
  if (wasAbsent && (isRescued() || !mayBeAbsent()) && isAbsent())
    throw new DatabaseDamaged(directory, isRescued() ? 'a repair is not done yet' : 'its files are gone')
  try {
    return await openTables(directory, wasAbsent && !isRescued())
  } catch (error) {
    // A repair has moved it away meanwhile: look again.
    if (!wasAbsent && isAbsent()) return undefined
    const cause = error instanceof Error && error.cause ? error.cause : error
    if (systemCode(cause) !== 'LEVEL_LOCKED') throw await explain(directory, cause)
    return undefined
  }
}

/**
 * The user's error behind a failure of LevelDB or the system; any other is returned as it is. LevelDB puts the
 * system's reason into words only, so look for the usual ones.
 */
export async function explain(directory: string, cause: unknown): Promise<unknown> {
  if (!systemCode(cause) || cause instanceof StoreError) return cause
  try {
    await writing(directory, async () => {
      if (!systemCode(cause)!.startsWith('LEVEL_')) throw cause
      await access(directory, constants.W_OK)
      const { bavail, bsize } = await statfs(directory)
      if (bavail * bsize < MIN_FREE) throw new DiskFull(directory, cause)
    })
  } catch (error) {
    return error
  }
  return new DatabaseDamaged(directory, cause)
}
