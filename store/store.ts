import { readdirSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Database, openDatabase } from './db/database.js'
import { markDeletion } from './deletions.js'
import { makeDirectory } from './directory.js'
import { writing } from './failure.js'
import { keepReserve } from './gc/reserve.js'
import { makeTemporaryRoots } from './gc/temporary.js'
import { type Keeper, makeKeeper } from './keeper.js'
import type { Layout } from './layout.js'
import { claim, type Lock, takeLock, tryLock } from './lock.js'
import { findStorePath, type StorePath } from './path.js'
import { makeStage, removeLeftovers, type Stage } from './stage.js'
import { migrate, readVersion, VERSION, writeVersion } from './version.js'

/** A store on disk, open for one command. Disposing of it closes the database and frees every lock. */
export interface Store extends AsyncDisposable, Layout {
  readonly database: Database
  readonly keeper: Keeper
  /** What each thread that hashes runs. */
  readonly hashThread: string
  /** Seconds since 1970. */
  readonly clock: () => number
  /** Whether equal files are shared as soon as an object is added. */
  readonly optimises: boolean
  /** Where the object lies on disk, whether or not it is there. */
  locate(path: StorePath): string
  /** Waits until nobody else holds the lock of `path`. */
  lock(path: StorePath, signal?: AbortSignal): Promise<Lock>
  /** The lock of `path`, or `undefined` while somebody else holds it. */
  tryLock(path: StorePath): Promise<Lock | undefined>
  /**
   * The right to make `path`, so that others wait instead of making it too. `undefined` when whoever has it is
   * stopped. It protects nothing: that is the lock's work.
   */
  claim(path: StorePath, signal?: AbortSignal): Promise<Lock | undefined>
  /**
   * Keeps `paths`, and all they refer to, from every collection until the store is closed. They need not be valid
   * yet. Those found valid after this has returned stay valid; those that are not were collected before.
   */
  keepAlive(paths: Iterable<StorePath>): Promise<void>
  /** A new private directory (0700) on the objects' file system. */
  stage(): Promise<Stage>
  /** Lets go of the database; to be awaited before the process stops itself. The next use opens it again. */
  suspend(): Promise<void>
}

export interface StoreOptions extends Layout {
  /** The keeper program. */
  readonly keeper: string
  /** What each thread that hashes runs. */
  readonly hashThread: string
  readonly clock?: () => number
  readonly optimises?: boolean
}

/** Opens a store, and makes its directories when they are missing. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const named = resolve(options.objects)
  const state = resolve(options.state)
  await writing(named, () => makeDirectory(named))
  // Links and processes are compared with where the objects are, by whatever name the user calls that.
  const objects = await realpath(named)
  await writing(state, () => makeState(state))
  const keeper = makeKeeper(options.keeper)
  if ((await readVersion(state)) !== VERSION) await migrate(keeper, state)
  const place = { directory: join(state, `db-${VERSION}`), mayBeAbsent: () => isEmpty(objects) }
  const database = openDatabase(place, keeper, () => markDeletion(state))
  const lockFile = (path: StorePath) => join(state, 'locks', path)
  const temporaryRoots = makeTemporaryRoots(keeper, state)
  let leftovers: Promise<void> | undefined
  return {
    objects,
    state,
    database,
    keeper,
    hashThread: options.hashThread,
    clock: options.clock ?? (() => Math.floor(Date.now() / 1000)),
    optimises: options.optimises ?? false,
    locate: path => join(objects, path),
    lock: (path, signal) => takeLock(keeper, lockFile(path), signal),
    claim: (path, signal) => claim(keeper, `${lockFile(path)}.claim`, signal),
    tryLock: path => tryLock(keeper, lockFile(path)),
    keepAlive: paths => temporaryRoots.add(paths),
    stage: async () => {
      leftovers ??= removeLeftovers(keeper, objects)
      await leftovers
      return makeStage(keeper, objects)
    },
    suspend: () => database.release(),
    [Symbol.asyncDispose]: async () => {
      await database.close()
      await keeper[Symbol.asyncDispose]()
    },
  }
}

async function makeState(state: string): Promise<void> {
  await makeDirectory(join(state, 'locks'))
  if ((await readVersion(state)) !== undefined) return
  await keepReserve(state)
  await writeVersion(state, VERSION)
}

/** Whether nothing lies among the objects that could be one. */
const isEmpty = (objects: string): boolean =>
  readdirSync(objects).every(name => findStorePath(name).length === 0)
