import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  filterValid,
  isRunning,
  parseStorePath,
  removeTree,
  type Store,
  type StorePath,
  systemCode,
} from '../../store/index.js'
import { evaluationsFolder } from '../lower/remember.js'
import { tidyDownloads } from './downloads.js'
import { forgetTimes } from './times.js'

/** What was removed: files of logs, directories of failed builds, and evaluations that were remembered. */
export interface Tidied {
  readonly logs: number
  readonly failed: number
  readonly evaluations: number
}

/** Seconds for which the directory of a failed build is kept. */
const KEEP_FAILED = 7 * 24 * 3600

/** How long, in seconds, and how much, in bytes, is remembered of evaluations. */
const EVALUATIONS = { age: 30 * 24 * 3600, bytes: 64 * 1024 * 1024 }

/**
 * Removes logs that no derivation stands for any more or no process goes on writing, old failed builds, and evaluations.
 * The folders of logs stay: a build may be about to open one there.
 */
export async function tidy(store: Store): Promise<Tidied> {
  await forgetTimes(store)
  return {
    failed: await removeFailed(store),
    logs: await removeLogs(store),
    evaluations: await tidyDownloads(evaluationsFolder(store.state), EVALUATIONS, store.clock()),
  }
}

async function removeFailed(store: Store): Promise<number> {
  let removed = 0
  const parent = join(store.objects, '.failed')
  for (const name of await list(parent)) {
    const directory = join(parent, name)
    // Moving it here was the last change of it: its own times are the build's.
    const { ctimeMs } = await stat(directory)
    if (ctimeMs / 1000 > store.clock() - KEEP_FAILED) continue
    await removeTree(store, directory)
    removed++
  }
  return removed
}

const namePattern = /^(.+\.drv)\.(?:gz|counts)(?:\.([0-9]+))?$/

async function removeLogs(store: Store): Promise<number> {
  let removed = 0
  const parent = join(store.state, 'log')
  for (const prefix of await list(parent)) {
    const directory = join(parent, prefix)
    const logs = (await list(directory)).map(name => ({ name, match: namePattern.exec(name) }))
    const paths = logs.flatMap(({ match }) => (match ? [parseStorePath(prefix + match[1]!)] : []))
    const valid = await filterValid(store, paths)
    for (const { name, match } of logs) {
      if (!match || isNeeded(valid, (prefix + match[1]!) as StorePath, match[2])) continue
      await rm(join(directory, name), { force: true })
      removed++
    }
  }
  return removed
}

const isNeeded = (valid: ReadonlySet<StorePath>, path: StorePath, writer: string | undefined): boolean =>
  writer === undefined ? valid.has(path) : isRunning(Number(writer))

const list = (directory: string): Promise<string[]> =>
  readdir(directory).catch(error => {
    if (systemCode(error) === 'ENOENT') return []
    throw error
  })
