import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { StoreError } from '../../store/index.js'
import type { HostUser } from './spec.js'

/** A run of host ids that belong to builds alone. */
export interface UidRange {
  readonly start: number
  readonly count: number
}

/** The locks that users are borrowed under; the store's keeper is one. */
export interface UserLocks {
  /** The number of the lock on `file`, which is made when missing; `undefined` when another has it. */
  tryLock(file: string): Promise<number | undefined>
  unlock(lock: number): Promise<void>
}

/**
 * High enough that no system hands these ids out (useradd, DynamicUser, subuid and systemd's containers end below
 * or begin above), and 0x34000000, so that they are known when they are seen.
 */
export const DEFAULT_UIDS: UidRange = { start: 872_415_232, count: 1024 }

/** One directory for all stores of the machine: two builds as one user could meddle with each other. */
export const USER_LOCKS = '/run/store-build-uids'

const MAX_UID = 2 ** 32 - 2

export class BadUidRange extends StoreError {
  readonly code = 'BAD_UID_RANGE'

  constructor(text: string) {
    super(`Cannot use "${text}" as the ids of builds`, {
      hint: `Set STORE_BUILD_UIDS to START:COUNT, such as ${DEFAULT_UIDS.start}:${DEFAULT_UIDS.count}; 0 is not allowed`,
    })
  }
}

export class NoFreeUser extends StoreError {
  readonly code = 'NO_FREE_USER'

  constructor({ start, count }: UidRange) {
    super(`All ${count} users for builds, from ${start} on, are in use`, {
      hint: 'Wait for another build to end, or give more of them with STORE_BUILD_UIDS=START:COUNT',
    })
  }
}

/** Parses `START:COUNT`, the setting STORE_BUILD_UIDS; without one it is the default range. */
export function parseUidRange(text: string | undefined): UidRange {
  if (text === undefined || text === '') return DEFAULT_UIDS
  const [, start = 0, count = 0] = /^(\d{1,10}):(\d{1,10})$/.exec(text)?.map(Number) ?? []
  if (start < 1 || count < 1 || start + count - 1 > MAX_UID) throw new BadUidRange(text)
  return { start, count }
}

/**
 * Lends root a user for one build; no other build of this machine has it until it is given back. `undefined` where
 * root is all there is: in a user namespace of one id, whose root is an ordinary user outside.
 */
export async function borrowUser(
  locks: UserLocks,
  setting: string | undefined,
  { directory = USER_LOCKS, idMap = readFileSync('/proc/self/uid_map', 'latin1') } = {},
): Promise<(HostUser & AsyncDisposable) | undefined> {
  const range = parseUidRange(setting)
  if (/^ *0 +\d+ +1\n$/.test(idMap)) return undefined
  await mkdir(directory, { recursive: true, mode: 0o700 })
  for (let uid = range.start; uid < range.start + range.count; uid++) {
    const lock = await locks.tryLock(`${directory}/${uid}`)
    if (lock !== undefined) return { uid, gid: uid, [Symbol.asyncDispose]: () => locks.unlock(lock) }
  }
  throw new NoFreeUser(range)
}
