import { showUrl } from './events.js'
import { connectionOf, type FetchContext } from './fetch.js'
import { openUrl } from './open.js'
import { UrlProblem } from './problem.js'

/** Small files that every mirror of a list has. */
const samples: Readonly<Record<string, string>> = {
  debian: 'mirror://debian/dists/bookworm/Release',
  gnu: 'mirror://gnu/hello/hello-2.10.tar.gz.sig',
}

/** Whether any mirror of a list answers: which one, or what each said instead. */
export type Reach =
  | { readonly mirror: string; readonly url: string }
  | { readonly mirror: string; readonly problems: readonly string[] }

/** Asks the mirrors of the lists that the shipped recipes use, each until one answers. */
export const reachMirrors = (
  context: Pick<FetchContext, 'resolve' | 'timeouts' | 'findProxy' | 'signal'>,
): Promise<readonly Reach[]> =>
  Promise.all(
    Object.entries(samples).map(([mirror, sample]) => reach(mirror, context.resolve(sample), context)),
  )

async function reach(
  mirror: string,
  urls: readonly string[],
  context: Parameters<typeof connectionOf>[0],
): Promise<Reach> {
  const problems: string[] = []
  for (const url of urls) {
    try {
      const { chunks } = await openUrl(url, connectionOf(context))
      for await (const _chunk of chunks) break
      return { mirror, url: showUrl(url) }
    } catch (error) {
      if (!(error instanceof UrlProblem)) throw error
      problems.push(`${showUrl(url)}: ${error.message}`)
    }
  }
  return { mirror, problems }
}
