import { setTimeout as delay } from 'node:timers/promises'
import type { Keeper } from '../keeper.js'
import { explain, openPatiently, type Place } from './open.js'
import type { Tables } from './tables.js'
import { isWanted } from './waiters.js'

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
  /** Until when nobody looks whether it is wanted. */
  lookAgain: number
  leaving: boolean
  idle?: NodeJS.Timeout
}

/** Milliseconds after which the database is closed: without use, and in any case. */
const IDLE = 500
const LONGEST_HOLD = 2000

/** The same while somebody waits for it. The first is also how often one looks whether somebody does. */
const WANTED = { idle: 10, longestHold: 100 }

/** How long it then stays closed: longer than those who wait take to try again. */
const pause = (): number => 10 + 15 * Math.random()

export function makeLease(place: Place, keeper: Keeper): Lease {
  const { directory } = place
  let session: Session | undefined

  const begin = (): Session => {
    const { promise: over, resolve } = withResolvers()
    const tables = openPatiently(place, keeper)
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
    const begun: Session = {
      tables,
      since: Number.POSITIVE_INFINITY,
      over,
      end,
      users: 0,
      lookAgain: 0,
      leaving: false,
    }
    tables.then(
      () => {
        begun.since = performance.now()
      },
      // The next use tries again.
      () => {
        begun.leaving = true
      },
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
    rest(left, performance.now() + IDLE)
  }
  const rest = (left: Session, until: number): void => {
    left.idle = setTimeout(() => {
      const wanted = isWanted(directory)
      if (!wanted && performance.now() < until) return rest(left, until)
      left.leaving = true
      left.end(wanted ? pause() : 0)
    }, WANTED.idle)
  }
  /** Nobody may join any more: the session closes when its last user leaves. */
  const isOver = (session: Session): boolean => {
    const now = performance.now()
    const held = now - session.since
    session.leaving ||= held > LONGEST_HOLD
    // Looking costs more than many a use does.
    if (session.leaving || held < WANTED.longestHold || now < session.lookAgain) return session.leaving
    session.lookAgain = now + WANTED.idle
    session.leaving = isWanted(directory)
    return session.leaving
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

function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>(done => {
    resolve = done
  })
  return { promise, resolve }
}
