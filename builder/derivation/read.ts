import { readFile } from 'node:fs/promises'
import { formatStorePath, reading, type Store, type StorePath } from '../../store/index.js'
import { decodeDerivation } from './decode.js'
import type { Derivation } from './derivation.js'

/** The derivation at a valid store path. */
export const readDerivation = async (store: Store, path: StorePath): Promise<Derivation> =>
  decodeDerivation(
    await reading(store.locate(path), () => readFile(store.locate(path))),
    formatStorePath(path),
  )
