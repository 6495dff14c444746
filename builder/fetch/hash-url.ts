import { writeFile } from 'node:fs/promises'
import { type Algorithm, type Digest, makeHasher, writing } from '../../store/index.js'
import { asFailedUrl, connectionOf, type FailedUrl, type FetchContext, FetchFailed } from './fetch.js'
import { openUrl } from './open.js'
import { UrlProblem } from './problem.js'

/** How a URL is reached whose content nobody knows yet. */
export type UrlContext = Pick<FetchContext, 'resolve' | 'timeouts' | 'findProxy' | 'signal' | 'pauses'>

/** Hashes what a URL serves, or the first of its mirrors that serves anything. Nothing is kept. */
export const hashUrl = (url: string, algorithm: Algorithm, context: UrlContext): Promise<Digest> =>
  fromFirst(url, context, async chunks => {
    const hasher = makeHasher(algorithm)
    for await (const chunk of chunks) hasher.update(chunk)
    return hasher.digest()
  })

/** Writes what a URL serves to the file `target`, and gives its SHA-256. */
export const downloadUrl = (url: string, target: string, context: UrlContext): Promise<Digest> =>
  fromFirst(url, context, async chunks => {
    const hasher = makeHasher('sha256')
    async function* hashed(): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        hasher.update(chunk)
        yield chunk
      }
    }
    await writing(target, () => writeFile(target, hashed()))
    return hasher.digest()
  })

/** Why nothing can be had from a URL. */
export interface Unavailable {
  readonly reason: string
  /** Whoever was asked said no; otherwise nobody answered, and the file may well be there. */
  readonly isGone: boolean
}

/** What stands in the way of having a URL, or `undefined` when its first bytes came. */
export async function probeUrl(url: string, context: UrlContext): Promise<Unavailable | undefined> {
  try {
    const readFirst = async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
      for await (const _chunk of chunks) break
    }
    await fromFirst(url, context, readFirst, false)
    return undefined
  } catch (error) {
    if (!(error instanceof FetchFailed)) throw error
    return asUnavailable(error)
  }
}

export const asUnavailable = ({ failures }: FetchFailed): Unavailable => ({
  reason: failures.map(({ url, reason }) => `${url}: ${reason}`).join('; '),
  isGone: failures.every(({ isFinal }) => isFinal),
})

/** Uses what the first place of a URL serves that can be used. */
async function fromFirst<T>(
  url: string,
  context: UrlContext,
  use: (chunks: AsyncIterable<Uint8Array>) => Promise<T>,
  staysSecure = true,
): Promise<T> {
  const failures: FailedUrl[] = []
  for (const place of context.resolve(url)) {
    try {
      return await use((await openUrl(place, { ...connectionOf(context), staysSecure })).chunks)
    } catch (error) {
      context.signal?.throwIfAborted()
      if (!(error instanceof UrlProblem)) throw error
      failures.push(asFailedUrl([place, error]))
    }
  }
  throw new FetchFailed(url, failures)
}
