import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  filterValid,
  isRunning,
  parseStorePath,
  type Store,
  type StorePath,
  systemCode,
  writing,
} from '../../store/index.js'
import { newestTimeOf } from '../fetch/epoch.js'

/** One file for each source, by its store path: seconds since 1970, or a dash for a source without a time. */
const folder = (store: Store): string => join(store.state, 'cache', 'times-1')

/**
 * The newest time that a source gives of itself. It is found once, for a store path never means other content: an
 * archive takes as long to read as to unpack.
 */
export async function recallTime(store: Store, source: StorePath): Promise<number | undefined> {
  const text = await readFile(join(folder(store), source), 'latin1').catch(() => '')
  const known = /^(-|\d{1,15})\n$/.exec(text)?.[1]
  if (known !== undefined) return known === '-' ? undefined : Number(known)
  const time = await newestTimeOf(store.locate(source))
  await rememberTime(store, source, time)
  return time
}

/** Keeps what was found while the source was fetched. */
export async function rememberTime(store: Store, source: StorePath, time: number | undefined): Promise<void> {
  // A time before 1970 is as good as none: every epoch is later.
  const text = time === undefined || time < 0 ? '-' : String(time)
  await writing(store.state, async () => {
    const fresh = join(folder(store), `.${source}.${process.pid}`)
    await mkdir(folder(store), { recursive: true })
    await writeFile(fresh, `${text}\n`)
    await rename(fresh, join(folder(store), source))
  })
}

/** Forgets the times of sources that are gone, and what a process that died left unfinished. */
export async function forgetTimes(store: Store): Promise<void> {
  const names = await readdir(folder(store)).catch(error => {
    if (systemCode(error) === 'ENOENT') return []
    throw error
  })
  const paths = names.filter(name => !name.startsWith('.')).map(parseStorePath)
  const valid = await filterValid(store, paths)
  for (const name of names) {
    const writer = /^\..*\.([0-9]+)$/.exec(name)?.[1]
    const isNeeded = writer === undefined ? valid.has(name as StorePath) : isRunning(Number(writer))
    if (!isNeeded) await rm(join(folder(store), name), { force: true })
  }
}
