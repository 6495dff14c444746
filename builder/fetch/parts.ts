import { lstat, open, readdir, rm, utimes } from 'node:fs/promises'
import { join } from 'node:path'

/** The file of a download that is not complete. Only who has the claim of its digest may have it open. */
export interface Part extends AsyncDisposable {
  readonly path: string
}

const PREFIX = '.part-'

/** How the names of the files begin by which downloads are claimed. */
export const CLAIM = '.fetching-'

const HOUR = 60 * 60 * 1000
const WEEK = 7 * 24 * HOUR

/** Bytes that parts may have together. */
const MOST = 8 * 2 ** 30

/** Opens the part called `name` in `folder`: what is there of it, or nothing. It goes when it is left empty. */
export async function openPart(folder: string, name: string): Promise<Part> {
  const path = pathOf(folder, name)
  await (await open(path, 'a')).close()
  // Whoever removes old ones sees that it is in use.
  const now = new Date()
  await utimes(path, now, now)
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      const info = await lstat(path).catch(() => undefined)
      if (info?.size === 0) await rm(path, { force: true })
    },
  }
}

export const removePart = (folder: string, name: string): Promise<void> =>
  rm(pathOf(folder, name), { force: true }).catch(() => undefined)

const pathOf = (folder: string, name: string): string => join(folder, PREFIX + name)

/**
 * Whether a command may be using the file `name`, which was used `age` milliseconds ago. Who removes a claim lets two commands
 * write to one part.
 */
export const mayBeInUse = (name: string, age: number): boolean =>
  name.startsWith(CLAIM) || (name.startsWith(PREFIX) && age <= HOUR)

/**
 * Removes the parts with which nobody went on for a week and, where the others are too many bytes, the oldest of them.
 * One that grew within the hour may be in use.
 */
export async function removeOldParts(folder: string, now = Date.now()): Promise<void> {
  const names = (await readdir(folder)).filter(name => name.startsWith(PREFIX))
  const infos = await Promise.all(
    names.map(async name => {
      const path = join(folder, name)
      const info = await lstat(path).catch(() => undefined)
      return { path, age: now - (info?.mtimeMs ?? now), size: info?.size ?? 0 }
    }),
  )
  let bytes = 0
  for (const { path, age, size } of infos.sort((a, b) => a.age - b.age)) {
    bytes += size
    if (age > WEEK || (age > HOUR && bytes > MOST)) await rm(path, { force: true })
  }
}
