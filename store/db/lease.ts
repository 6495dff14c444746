import { setTimeout as delay } from 'node:timers/promises'
import type { Keeper } from '../keeper.js'
import { explain, openPatiently } from './open.js'
import type { Tables } from './tables.js'

/** LevelDB belongs to one process at a time. A lease has it open for as long as somebody here uses it. */
export interface Lease {
  use<T>(work: (tables: Tables) => Promise<T>): Promise<T>
  /** Closes the database once its present users are done; the next use opens it again. */
  release(): Promise<void>
}

/** One opening of the database. */
interface Session {
  readonly tables: Promise<Tables>
  /** When it was open; waiting for that does not count. */
  since: number
  /** Resolves when it is closed, and other processes have had a chance to take it. */
  readonly over: Promise<void>
  readonly end: (pause: number) => void
  users: number
  leaving: boolean
  idle?: NodeJS.Timeout
}

/** Milliseconds: without use the database is closed after the first, in any case after the second. */
const IDLE = 20
const LONGEST_HOLD = 100

/** How long it then stays closed: longer than those who wait take to try again. */
const pause = (): number => 10 + 15 * Math.random()

export function makeLease(directory: string, keeper: Keeper): Lease {
  let session: Session | undefined

  const begin = (): Session => {
    const { promise: over, resolve } = withResolvers()
    const tables = openPatiently(directory, keeper)
    let ended = false
    const end = (pause: number) => {
      if (ended) return
      ended = true
      void tables
        .then(({ level }) => level.close())
        .catch(() => undefined)
        .then(() => delay(pause))
        .then(() => {
          session = undefined
          resolve()
        })
    }
    const begun: Session = { tables, since: Number.POSITIVE_INFINITY, over, end, users: 0, leaving: false }
    tables.then(
      () => {
        begun.since = performance.now()
      },
      () => undefined,
    )
    return begun
  }
  const enter = async (): Promise<Session> => {
    while (session && isOver(session)) {
      if (session.users === 0) session.end(pause())
      await session.over
    }
    session ??= begin()
    session.users++
    clearTimeout(session.idle)
    return session
  }
  const leave = (left: Session) => {
    if (--left.users > 0) return
    if (isOver(left)) return left.end(pause())
    left.idle = setTimeout(() => {
      left.leaving = true
      left.end(0)
    }, IDLE)
  }
  return {
    use: async work => {
      const mine = await enter()
      try {
        return await work(await mine.tables)
      } catch (error) {
        const explained = await explain(directory, error)
        // What failed once on the disk is not to be trusted any further.
        if (explained !== error) mine.leaving = true
        throw explained
      } finally {
        leave(mine)
      }
    },
    release: async () => {
      if (!session) return
      session.leaving = true
      clearTimeout(session.idle)
      if (session.users === 0) session.end(0)
      await session.over
    },
  }
}

/** Nobody may join any more: the session closes when its last user leaves. */
function isOver(session: Session): boolean {
  session.leaving ||= performance.now() - session.since > LONGEST_HOLD
  return session.leaving
}

function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>(done => {
    resolve = done
  })
  return { promise, resolve }
}
