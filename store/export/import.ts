import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import type { PathInfo } from '../db/info.js'
import { type Digest, equalDigests, makeHasher } from '../digest.js'
import { writing } from '../failure.js'
import { lockAll } from '../lock.js'
import { BadNar } from '../nar/format.js'
import { hashNar } from '../nar/hash.js'
import { readNar } from '../nar/read.js'
import { canonicalise } from '../object/canonicalise.js'
import { commitObjects } from '../object/commit.js'
import type { StorePath } from '../path.js'
import { filterValid, isValid } from '../query.js'
import type { Store } from '../store.js'
import { tap } from '../tap.js'
import { BadExport, decodeLine, FORMAT } from './format.js'
import { type Frames, makeFrames } from './frames.js'

/** Objects made valid at one instant: as many as one process may lock. */
const BATCH = 256

export interface ImportOptions {
  readonly signal: AbortSignal
  /** Called after each object, with how many were read. */
  readonly report: (read: number) => void
}

/**
 * Adds what `exportClosure` wrote, and returns all its paths. Every archive is compared with its record; nothing
 * becomes valid before the whole stream was read and found right. What is valid already stays as it is.
 */
export async function importObjects(
  store: Store,
  stream: AsyncIterable<Uint8Array>,
  { signal, report }: ImportOptions,
): Promise<PathInfo[]> {
  await using stage = await store.stage()
  const frames = makeFrames(stream)
  if ((await frames.line()) !== FORMAT) throw new BadExport(`the stream does not begin with "${FORMAT}"`)
  const infos = new Map<StorePath, PathInfo>()
  const fresh: PathInfo[] = []
  for (;;) {
    signal.throwIfAborted()
    const line = decodeLine(await frames.line())
    if (line.kind === 'end') {
      if (line.count !== infos.size || line.hex !== frames.digest().hex)
        throw new BadExport('its last line does not fit what came before')
      break
    }
    const { info } = line
    if (infos.has(info.path)) throw new BadExport(`${info.path} occurs twice`)
    await requireReferences(store, info, infos)
    await store.keepAlive([info.path])
    infos.set(info.path, info)
    if (!(await receive(store, frames, info, stage.directory))) fresh.push(info)
    report(infos.size)
  }
  await frames.end()
  await writing(stage.directory, async () => {
    await canonicalise(store, stage.directory)
    await chmod(stage.directory, 0o700)
  })
  for (let at = 0; at < fresh.length; at += BATCH)
    await commit(store, fresh.slice(at, at + BATCH), stage.directory)
  return [...infos.values()]
}

/** True when the object is valid already; its bytes are checked all the same. */
async function receive(store: Store, frames: Frames, info: PathInfo, directory: string): Promise<boolean> {
  const damaged = () => new BadExport(`${info.path} is damaged`)
  const known = await isValid(store, info.path)
  const bytes = frames.bytes(info.narSize)
  const target = join(directory, info.path)
  const reading = known ? hashNar(bytes).then(({ narHash }) => narHash) : unpack(bytes, directory, target)
  const digest = await reading.catch(error => {
    throw error instanceof BadNar ? damaged() : error
  })
  if (!equalDigests(digest, info.narHash)) throw damaged()
  return known
}

/** The hash of the archive whose tree is at `target` now. */
async function unpack(bytes: AsyncIterable<Uint8Array>, directory: string, target: string): Promise<Digest> {
  const hasher = makeHasher('blake3')
  await writing(directory, () => readNar(tap(bytes, hasher.update), target))
  return hasher.digest()
}

/** What an object refers to comes before it, or is in the store. */
async function requireReferences(
  store: Store,
  { path, references }: PathInfo,
  infos: ReadonlyMap<StorePath, PathInfo>,
): Promise<void> {
  const others = references.filter(other => other !== path && !infos.has(other))
  if (others.length === 0) return
  await store.keepAlive(others)
  const valid = await filterValid(store, others)
  const missing = others.find(other => !valid.has(other))
  if (missing !== undefined) throw new BadExport(`${path} refers to ${missing}, which is not there`)
}

async function commit(store: Store, infos: readonly PathInfo[], directory: string): Promise<void> {
  await using _locks = await lockAll(
    store,
    infos.map(({ path }) => path),
  )
  await commitObjects(
    store,
    infos.map(({ path, narHash, narSize, references, deriver, provenance, signatures }) => ({
      path,
      staged: join(directory, path),
      scan: { narHash, narSize, references, unknown: [] },
      deriver,
      provenance,
      signatures,
    })),
  )
}
