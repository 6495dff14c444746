import { connectionOf, type FetchContext, type FetchRequest, wantedOf } from './fetch.js'
import { openUrl } from './open.js'
import { UrlProblem } from './problem.js'

/** What of a fetch touches to tell how much it would download. */
export type AmountContext = Pick<FetchContext, 'resolve' | 'cache' | 'findProxy' | 'signal' | 'timeouts'>

/**
 * How many bytes a fetch would download: none when a copy is kept, `undefined` when no server says. Nobody vouches for
 * either: what is kept may be damaged, and a server may announce what it does not send.
 */
export async function askAmount(request: FetchRequest, context: AmountContext): Promise<number | undefined> {
  if (await context.cache.has(wantedOf(request))) return 0
  for (const url of request.urls.flatMap(context.resolve)) {
    try {
      const { length, chunks } = await openUrl(url, connectionOf(context))
      // Reading closes the connection, too.
      for await (const _chunk of chunks) break
      if (length !== undefined) return length
    } catch (error) {
      if (context.signal?.aborted) return undefined
      if (!(error instanceof UrlProblem)) throw error
    }
  }
  return undefined
}
