import { StoreError, systemCode } from './error.js'

export class NotWritable extends StoreError {
  readonly code = 'NOT_WRITABLE'

  constructor(place: string, cause: unknown) {
    const isReadOnly = systemCode(cause) === 'EROFS'
    super(`Cannot write to "${place}": ${isReadOnly ? 'it is read-only' : 'permission denied'}`, {
      hint: `${isReadOnly ? 'Mount its file system writable' : 'Run as the owner of the store'}, or set STORE_ROOT to a directory of your own`,
      cause,
    })
  }
}

/** A place where no file can be: below a file, or in a file system that the kernel alone fills. */
export class NoPlace extends StoreError {
  readonly code = 'NO_PLACE'

  constructor(place: string, cause: unknown) {
    super(`Cannot write to "${place}": no directory can be made there`, {
      hint: 'Set STORE_ROOT to a directory of your own on a disk',
      cause,
    })
  }
}

export class DiskFull extends StoreError {
  readonly code = 'DISK_FULL'

  constructor(place: string, cause: unknown) {
    super(`Cannot write to "${place}": no space is left on its file system`, {
      hint: 'Free space (store gc deletes what nothing keeps alive), then run the command again',
      cause,
    })
  }
}

export class CannotRead extends StoreError {
  readonly code = 'CANNOT_READ'

  constructor(place: string, cause: unknown) {
    super(`Cannot read "${pathOf(cause) ?? place}": ${reasons[systemCode(cause) ?? '']}`, {
      hint: 'Check the spelling, and that every file of it may be read',
      cause,
    })
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'it does not exist',
  ENOTDIR: 'it does not exist',
  ELOOP: 'it is a symlink that leads nowhere',
  ENAMETOOLONG: 'its path is too long',
  EIO: 'the disk fails',
}

type Failure = new (place: string, cause: unknown) => StoreError

const failures: Readonly<Record<string, Failure>> = {
  EACCES: NotWritable,
  EPERM: NotWritable,
  EROFS: NotWritable,
  ENOTDIR: NoPlace,
  ENOSPC: DiskFull,
  EDQUOT: DiskFull,
}

/** Does `work`, which writes to `place`, and turns the system's refusals there into a user's errors. */
export async function writing<T>(place: string, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const Known = failures[systemCode(error) ?? '']
    const path = pathOf(error) ?? place
    throw Known && !(error instanceof StoreError) && path.startsWith(place) ? new Known(place, error) : error
  }
}

/** Does `work`, which reads what a user named, and turns the system's refusals into a user's errors. */
export async function reading<T>(place: string, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const known = Object.hasOwn(reasons, systemCode(error) ?? '') && !(error instanceof StoreError)
    throw known ? new CannotRead(place, error) : error
  }
}

/** The same for what is read piece by piece. */
export async function* readingAll<T>(
  place: string,
  chunks: AsyncGenerator<T>,
): AsyncGenerator<T, void, void> {
  for (;;) {
    const { done, value } = await reading(place, () => chunks.next())
    if (done) return
    yield value
  }
}

/** The file a system's error is about. */
function pathOf(error: unknown): string | undefined {
  const path = error instanceof Error && 'path' in error ? error.path : undefined
  return typeof path === 'string' || path instanceof Uint8Array ? Buffer.from(path).toString() : undefined
}
