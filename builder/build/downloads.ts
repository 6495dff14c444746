import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode, writing } from '../../store/index.js'
import { mayBeInUse } from '../fetch/parts.js'

/** What of the files that were fetched may stay. */
export interface DownloadLimits {
  /** Seconds since a file was last used. */
  readonly age?: number | undefined
  /** Bytes of all together. */
  readonly bytes?: number | undefined
}

/**
 * Removes fetched files that were not used for long, then those used longest ago until the rest is small enough. What
 * another command is fetching stays, and does not count.
 */
export async function tidyDownloads(folder: string, limits: DownloadLimits, now: number): Promise<number> {
  const files = []
  for (const name of await list(folder)) {
    const path = join(folder, name)
    const stats = await stat(path).catch(() => undefined)
    if (!stats?.isFile()) continue
    const used = Math.max(stats.atimeMs, stats.mtimeMs) / 1000
    if (!mayBeInUse(name, (now - used) * 1000)) files.push({ path, size: stats.size, used })
  }
  let left = files.reduce((sum, { size }) => sum + size, 0)
  let removed = 0
  for (const { path, size, used } of files.sort((a, b) => a.used - b.used)) {
    const isOld = limits.age !== undefined && used < now - limits.age
    if (!isOld && (limits.bytes === undefined || left <= limits.bytes)) continue
    await writing(folder, () => rm(path, { force: true }))
    left -= size
    removed++
  }
  return removed
}

const list = (folder: string): Promise<string[]> =>
  readdir(folder).catch(error => {
    if (systemCode(error) === 'ENOENT') return []
    throw error
  })
