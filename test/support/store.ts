import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openStore, type Store } from '../../store/index.js'
import { makeKeeper } from '../../store/keeper.js'

export const keeperProgram = fileURLToPath(new URL('../../dist/native/keeper', import.meta.url))

export const hashThreadProgram = fileURLToPath(new URL('../../dist/hash.cjs', import.meta.url))

/** Seconds since 1970, for stores whose records must not depend on when a test runs. */
export const SOME_TIME = 1_700_000_000

/** A directory of its own for one test; disposing of it removes it, whatever modes the test left. */
export async function temporaryDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'store-test-'))
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await using keeper = makeKeeper(keeperProgram)
      await keeper.remove(path)
    },
  }
}

/** The options by which every process of a test opens the store in `directory`. */
export const storeOptions = (directory: string) => ({
  objects: join(directory, 'store'),
  state: join(directory, 'var'),
  keeper: keeperProgram,
  hashThread: hashThreadProgram,
  clock: () => SOME_TIME,
})

/** An empty store; `directory` is free for the test's own files beside it. */
export async function temporaryStore(): Promise<Store & { readonly directory: string }> {
  const directory = await temporaryDirectory()
  const store = await openStore(storeOptions(directory.path))
  return {
    ...store,
    directory: directory.path,
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]()
      await directory[Symbol.asyncDispose]()
    },
  }
}
