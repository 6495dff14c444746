import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { asUrlProblem, isPassingStatus, UrlProblem } from './problem.js'
import { type Connection, makeRequest } from './request.js'
import { makeWatchdog, type Watchdog, waitFor } from './watchdog.js'

/**
 * The bytes behind a URL, all or those from the byte `from` on, and how many were announced. Reading throws
 * `UrlProblem` when they do not all come.
 */
export interface Body {
  readonly from: number
  readonly length: number | undefined
  readonly chunks: AsyncIterable<Uint8Array>
}

const maxRedirects = 10

/**
 * Asks for what is behind `url` from the byte `from` on, and takes all of it where no such part is given. Follows
 * redirects, from https to http only where a hash decides what is accepted.
 */
export async function openHttp(url: URL, connection: Connection, from = 0): Promise<Body> {
  let at = url
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const answer = await ask(at, connection, from)
    const { response, watchdog } = answer
    const status = response.statusCode ?? 0
    const isRest = from > 0 && status === 206 && startOf(response) === from
    if (isRest || status === 200)
      return { from: isRest ? from : 0, length: lengthOf(response), chunks: read(answer) }
    watchdog.rest()
    response.destroy()
    const location = response.headers.location
    if (from > 0 && status === 416 && response.headers['content-range'] === `bytes */${from}`)
      return { from, length: 0, chunks: Readable.from([]) }
    if (from > 0 && (status === 416 || status === 206)) return openHttp(at, connection)
    if (![301, 302, 303, 307, 308].includes(status) || location === undefined)
      throw new UrlProblem(`the server answered ${status} ${response.statusMessage ?? ''}`.trim(), {
        passing: isPassingStatus(status),
        final: !isPassingStatus(status),
      })
    at = redirected(at, location)
    if (connection.staysSecure && url.protocol === 'https:' && at.protocol === 'http:')
      throw new UrlProblem('it redirects to http, where anybody on the way could change what is hashed', {
        final: true,
      })
  }
  throw new UrlProblem(`it redirects more than ${maxRedirects} times`, { final: true })
}

/** The first byte of the part that is given. */
const startOf = ({ headers }: IncomingMessage): number =>
  Number(/^bytes (\d+)-/.exec(headers['content-range'] ?? '')?.[1])

function redirected(from: URL, location: string): URL {
  if (!URL.canParse(location, from.href))
    throw new UrlProblem(`it redirects to "${location}", which is no URL`, { final: true })
  const to = new URL(location, from.href)
  if (to.protocol !== 'http:' && to.protocol !== 'https:')
    throw new UrlProblem(`it redirects to "${to.href}", which is neither http nor https`, { final: true })
  return to
}

function lengthOf(response: IncomingMessage): number | undefined {
  const text = response.headers['content-length']
  return text === undefined ? undefined : Number(text)
}

/** The head of an answer, with its body still to be read. */
interface Answer {
  readonly response: IncomingMessage
  readonly watchdog: Watchdog
  /** What went wrong on the connection after the head came. */
  readonly findError: () => Error | undefined
}

async function* read({ response, watchdog, findError }: Answer): AsyncGenerator<Uint8Array> {
  const length = lengthOf(response)
  let bytes = 0
  try {
    watchdog.expect('stall')
    for await (const chunk of response as AsyncIterable<Buffer>) {
      watchdog.rest()
      bytes += chunk.length
      yield chunk
      watchdog.expect('stall')
    }
    // The parser takes exactly what was announced, and complains about what it finds behind it.
    if (findError()) throw new UrlProblem(`it sent more than the ${length ?? bytes} bytes announced`)
  } catch (error) {
    if (error instanceof UrlProblem || response.complete) throw asUrlProblem(error)
    const announced = length === undefined ? '' : ` of ${length}`
    throw new UrlProblem(`the connection closed after ${bytes}${announced} bytes`, {
      cause: error,
      passing: true,
    })
  } finally {
    watchdog.rest()
    response.destroy()
  }
}

/** Sends one request and waits for the head of the answer. */
async function ask(url: URL, connection: Connection, from: number): Promise<Answer> {
  const request = await makeRequest(url, connection, from > 0 ? { range: `bytes=${from}-` } : {})
  let response: IncomingMessage | undefined
  let error: Error | undefined
  request.on('error', found => {
    error = found
  })
  const watchdog = makeWatchdog(connection.timeouts, problem => (response ?? request).destroy(problem))
  try {
    response = await waitFor(request, 'response', watchdog)
    return { response, watchdog, findError: () => error }
  } catch (error) {
    watchdog.rest()
    throw asUrlProblem(error)
  }
}
