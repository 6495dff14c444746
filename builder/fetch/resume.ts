import { setTimeout as delay } from 'node:timers/promises'
import type { Body, Part } from './http.js'
import { openUrl } from './open.js'
import { UrlProblem } from './problem.js'
import type { Connection } from './request.js'

/**
 * Opens a URL whose bytes keep coming when the connection breaks off in the middle: the rest is asked for, after
 * longer and longer pauses, as long as the server can give it. Reading throws the first problem when it cannot.
 */
export async function openResuming(url: string, connection: Connection): Promise<Body> {
  const body = await openUrl(url, connection)
  return { ...body, chunks: readOn(url, body, connection) }
}

async function* readOn(url: string, first: Body, connection: Connection): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for (let chunks: AsyncIterable<Uint8Array> = first.chunks; ; ) {
    try {
      for await (const chunk of chunks) {
        bytes += chunk.length
        yield chunk
      }
      return
    } catch (problem) {
      if (!(problem instanceof UrlProblem && problem.passing) || bytes === 0) throw problem
      const part = { from: bytes, total: first.length, version: first.version }
      const rest = await openRest(url, part, problem, connection)
      if (!rest) throw problem
      chunks = rest.chunks
    }
  }
}

/** What is left of a file, or `undefined` when the server does not come back or cannot give a part. */
async function openRest(
  url: string,
  part: Part,
  problem: UrlProblem,
  connection: Connection,
): Promise<Body | undefined> {
  let reason = problem.message
  for (const pause of connection.pauses) {
    connection.onPause?.({ url, reason, seconds: pause / 1000 })
    await delay(pause, undefined, { ...(connection.signal && { signal: connection.signal }) })
    try {
      return await openUrl(url, connection, part)
    } catch (error) {
      if (!(error instanceof UrlProblem)) throw error
      if (error.final) return undefined
      reason = error.message
    }
  }
  return undefined
}
