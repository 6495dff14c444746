import { makeHasher } from '../digest.js'
import { writeNar } from '../nar/write.js'
import type { StorePath } from '../path.js'
import { computeClosure } from '../query.js'
import type { Store } from '../store.js'
import { AlteredObject, encodeEnd, encodeObject, FORMAT } from './format.js'

/**
 * The closure of `paths` as one stream. No collection takes what is exported; an object whose files do not have the
 * registered size ends the stream with an error.
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
    let size = 0
    for await (const chunk of writeNar(store.locate(info.path))) {
      size += chunk.length
      yield pass(chunk)
    }
    if (size !== info.narSize) throw new AlteredObject(info.path)
  }
  yield Buffer.from(encodeEnd(infos.length, hasher.digest().hex))
}
