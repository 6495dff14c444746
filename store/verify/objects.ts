import { lstatSync, readdirSync } from 'node:fs'
import type { PathInfo } from '../db/info.js'
import { equalDigests } from '../digest.js'
import { findStorePath, formatStorePath } from '../path.js'
import { listValid } from '../query.js'
import type { Store } from '../store.js'
import { inspectTree } from './inspect.js'
import { whole } from './looked.js'
import type { Pace } from './pace.js'
import type { Problem } from './problem.js'
import { hasRecord, readRecords } from './records.js'
import { type HashingThreads, startHashing } from './threads.js'

type Check = (store: Store, info: PathInfo) => Promise<Omit<Problem, 'path'> | undefined>

const rebuild = 'Remove the roots that keep it, then store gc --delete it, and build or add it again'

/** Presence, sizes and metadata of every file of every object. */
export const checkFiles = (store: Store, pace: Pace): Promise<Problem[]> => checkEach(store, pace, checkTree)

/** The hash of every object. */
export async function checkContents(store: Store, pace: Pace): Promise<Problem[]> {
  await using threads = startHashing(store.hashThread)
  // One more waits for each thread, so that none does.
  return await checkEach(store, pace, (store, info) => checkHash(store, info, threads), 2 * threads.count)
}

/** Checks some objects at once; the problems come in the order of the paths all the same. */
async function checkEach(store: Store, pace: Pace, check: Check, atOnce = 1): Promise<Problem[]> {
  const problems: Problem[] = []
  const running = new Set<Promise<void>>()
  for await (const info of readRecords(store, pace)) {
    const one = checkOne(store, info, check).then(problem => {
      if (problem) problems.push(problem)
      running.delete(one)
    })
    // What fails is met when all of them are waited for.
    one.catch(() => undefined)
    running.add(one)
    if (running.size >= atOnce) await Promise.race(running)
  }
  await Promise.all(running)
  return problems.sort((a, b) => (a.path < b.path ? -1 : 1))
}

async function checkOne(store: Store, info: PathInfo, check: Check): Promise<Problem | undefined> {
  const problem = await check(store, info)
  // It may have been collected meanwhile.
  if (!problem || !(await hasRecord(store, info.path))) return undefined
  return { ...problem, path: formatStorePath(info.path) }
}

async function checkTree(store: Store, { path, narSize }: PathInfo): ReturnType<Check> {
  const place = store.locate(path)
  if (!lstatSync(place, { throwIfNoEntry: false }))
    return { kind: 'missing', detail: 'its files are not there', remedy: rebuild }
  const found = await whole(() => inspectTree(place))
  if (typeof found === 'string') return { kind: 'altered', detail: found, remedy: rebuild }
  if (found.narSize !== narSize)
    return { kind: 'altered', detail: `it has ${found.narSize} bytes, not ${narSize}`, remedy: rebuild }
  if (found.faults.length === 0) return undefined
  const [first, ...more] = found.faults
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`
  return { kind: 'metadata', detail: `${first}${others}`, remedy: 'Set it right: store verify --repair' }
}

async function checkHash(
  store: Store,
  { path, narHash }: PathInfo,
  threads: HashingThreads,
): ReturnType<Check> {
  const place = store.locate(path)
  if (!lstatSync(place, { throwIfNoEntry: false })) return undefined
  const found = await threads.hash(place)
  if (typeof found !== 'string' && equalDigests(found.narHash, narHash)) return undefined
  const detail = typeof found === 'string' ? found : 'its contents are not those that were registered'
  return { kind: 'altered', detail, remedy: rebuild }
}

/** What may lie beside objects: folders of ours, and the one of a file system that holds nothing but the store. */
const besides = ['.staging', '.failed', '.links', 'lost+found']

/** What lies among the objects and is none; what a command works on is locked, and left out. */
export async function checkGarbage(store: Store, pace: Pace): Promise<Problem[]> {
  const problems: Problem[] = []
  const valid = new Set<string>(await listValid(store))
  const names = readdirSync(store.objects)
  for (const [i, name] of names.entries()) {
    await pace(i, names.length)
    if (besides.includes(name) || valid.has(name)) continue
    const [path] = findStorePath(name)
    if (path === undefined) {
      const remedy = 'It is none of ours: move it away'
      problems.push({ kind: 'garbage', path: name, detail: 'it is no object', remedy })
      continue
    }
    if (await hasRecord(store, path)) continue
    await using lock = await store.tryLock(path)
    if (!lock || (await hasRecord(store, path)) || !lstatSync(store.locate(path), { throwIfNoEntry: false }))
      continue
    const detail = 'it has no record: a command crashed before it was done'
    problems.push({ kind: 'garbage', path: formatStorePath(path), detail, remedy: 'Remove it: store gc' })
  }
  return problems
}
