import { equalDigests, makeHasher } from '../digest.js'
import { readingAll } from '../failure.js'
import { writeNar } from '../nar/write.js'
import type { StorePath } from '../path.js'
import { computeClosure } from '../query.js'
import type { Store } from '../store.js'
import { AlteredObject, encodeEnd, encodeObject, FORMAT } from './format.js'

/**
 * The closure of `paths` as one stream. No collection takes what is exported; an object whose files are not those that
 * were registered ends the stream with an error.
 */
export async function* exportClosure(
  store: Store,
  paths: readonly StorePath[],
): AsyncGenerator<Uint8Array, void, void> {
  await store.keepAlive(paths)
  const infos = await computeClosure(store, paths)
  const hasher = makeHasher('blake3')
  const pass = (chunk: Uint8Array): Uint8Array => {
    hasher.update(chunk)
    return chunk
  }
  yield pass(Buffer.from(`${FORMAT}\n`))
  for (const info of infos) {
    yield pass(Buffer.from(encodeObject(info)))
    const own = makeHasher(info.narHash.algorithm)
    const place = store.locate(info.path)
    for await (const chunk of readingAll(place, writeNar(place))) {
      own.update(chunk)
      yield pass(chunk)
    }
    if (!equalDigests(own.digest(), info.narHash)) throw new AlteredObject(info.path)
  }
  yield Buffer.from(encodeEnd(infos.length, hasher.digest().hex))
}
