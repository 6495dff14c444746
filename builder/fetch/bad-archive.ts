import { StoreError } from '../../store/index.js'

export class BadArchive extends StoreError {
  readonly code = 'BAD_ARCHIVE'

  constructor(path: string, reason: string, cause?: unknown) {
    super(`Cannot read the archive "${path}": ${reason}`, {
      cause,
      hint: 'Check that the URL serves an archive and that its declared hash is that of a whole one',
    })
  }
}

/** Runs `read`; what its decoders throw becomes a `BadArchive`, the system's own errors stay as they are. */
export async function readingArchive<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof StoreError || isSystemError(error)) throw error
    throw new BadArchive(path, error instanceof Error ? error.message : String(error), error)
  }
}

const isSystemError = (error: unknown): boolean => error instanceof Error && 'syscall' in error
