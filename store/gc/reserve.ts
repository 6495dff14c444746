import { rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Bytes that the database may need to be opened and to forget what a first batch deletes. */
const SIZE = 4 << 20

const fileOf = (state: string): string => join(state, 'reserve')

/** Keeps some space for a collection: on a disk that is full to the last byte no database can be opened. */
export async function keepReserve(state: string): Promise<void> {
  const file = fileOf(state)
  if (await stat(file).catch(() => undefined)) return
  const fresh = `${file}.${process.pid}`
  try {
    await writeFile(fresh, Buffer.alloc(SIZE, 'reserve'))
    await rename(fresh, file)
  } catch {
    // A store without it works; the next collection tries again.
    await rm(fresh, { force: true }).catch(() => undefined)
  }
}

/** Gives the space away, for as long as a collection takes. */
export const spendReserve = (state: string): Promise<void> => rm(fileOf(state), { force: true })
