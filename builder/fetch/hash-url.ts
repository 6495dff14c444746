import { type Algorithm, type Digest, makeHasher } from '../../store/index.js'
import { showUrl } from './events.js'
import { connectionOf, type FailedUrl, type FetchContext, FetchFailed } from './fetch.js'
import { openUrl } from './open.js'
import { UrlProblem } from './problem.js'

/** Hashes what a URL serves, or the first of its mirrors that serves anything. Nothing is kept. */
export async function hashUrl(
  url: string,
  algorithm: Algorithm,
  context: Pick<FetchContext, 'resolve' | 'timeouts' | 'findProxy' | 'signal'>,
): Promise<Digest> {
  const failures: FailedUrl[] = []
  for (const place of context.resolve(url)) {
    try {
      const hasher = makeHasher(algorithm)
      const { chunks } = await openUrl(place, connectionOf(context))
      for await (const chunk of chunks) hasher.update(chunk)
      return hasher.digest()
    } catch (error) {
      context.signal?.throwIfAborted()
      if (!(error instanceof UrlProblem)) throw error
      failures.push({ url: showUrl(place), reason: error.message })
    }
  }
  throw new FetchFailed(url, failures)
}
