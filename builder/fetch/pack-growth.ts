import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from '../../store/index.js'
import { UrlProblem } from './problem.js'

/** Milliseconds between two looks. */
const INTERVAL = 200

/** Milliseconds: a server may be silent while it counts, and git while it puts together what came. */
const PATIENCE = 15 * 60 * 1000

export interface Watch {
  /** Told by how many bytes the packs grew. */
  readonly onReceived: (more: number) => void
  readonly signal?: AbortSignal | undefined
  /** Milliseconds in which nothing may come. */
  readonly patience?: number
}

/**
 * Runs `fetch`, which makes git write packs into the bare `repository`, and ends it when they do not grow for too long,
 * which not every transport does. Throws `UrlProblem` then, and the reason of `signal` when that ends.
 */
export async function watchPacks<T>(
  repository: string,
  { onReceived, signal, patience = PATIENCE }: Watch,
  fetch: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController()
  const giveUp = (): void =>
    stop.abort(new UrlProblem(`nothing came for ${Math.round(patience / 60_000)} minutes`, { passing: true }))
  const silence = setTimeout(giveUp, patience)
  let told = 0
  const tell = (bytes: number): void => {
    if (bytes <= told) return
    onReceived(bytes - told)
    told = bytes
    silence.refresh()
  }
  const timer = setInterval(() => void sizeOfPacks(repository).then(tell, () => undefined), INTERVAL)
  try {
    return await fetch(signal ? AbortSignal.any([signal, stop.signal]) : stop.signal)
  } catch (error) {
    signal?.throwIfAborted()
    throw stop.signal.aborted ? stop.signal.reason : error
  } finally {
    clearTimeout(silence)
    clearInterval(timer)
    tell(await sizeOfPacks(repository))
  }
}

async function sizeOfPacks(repository: string): Promise<number> {
  const folder = join(repository, 'objects/pack')
  const packs = (await readdir(folder)).filter(name => /^tmp_pack_|\.pack$/.test(name))
  const sizes = await Promise.all(packs.map(name => sizeOf(join(folder, name))))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** A pack that got its name meanwhile is counted at the next look. */
const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    error => {
      if (systemCode(error) === 'ENOENT') return 0
      throw error
    },
  )
