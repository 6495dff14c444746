import type { IncomingMessage } from 'node:http'
import { asUrlProblem, isPassingStatus, UrlProblem } from './problem.js'
import { type Connection, makeRequest } from './request.js'
import { makeWatchdog, type Watchdog, waitFor } from './watchdog.js'

/** The bytes behind a URL, and how many were announced. Reading throws `UrlProblem` when they do not all come. */
export interface Body {
  readonly length: number | undefined
  /** What the server calls the present state of the file, when it says so. */
  readonly version: string | undefined
  readonly chunks: AsyncIterable<Uint8Array>
}

/** The rest of a file, of which the first bytes are here. */
export interface Part {
  readonly from: number
  /** How many the whole file has, as far as it is known. */
  readonly total: number | undefined
  /** The state of the file in which they came. */
  readonly version: string | undefined
}

const maxRedirects = 10

/** Asks for `url` and follows redirects, from https to http only where a hash decides what is accepted. */
export async function openHttp(url: URL, connection: Connection, part?: Part): Promise<Body> {
  let at = url
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const answer = await ask(at, connection, part)
    const { response, watchdog } = answer
    const status = response.statusCode ?? 0
    if (part ? isRest(response, part) : status === 200)
      return { length: lengthOf(response), version: versionOf(response), chunks: read(answer) }
    watchdog.rest()
    response.destroy()
    const location = response.headers.location
    if (part && status < 300) throw new UrlProblem('the server gives no parts of the file', { final: true })
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

/** Whether it is the rest of a file that is still as long as it was. */
function isRest({ statusCode, headers }: IncomingMessage, { from, total }: Part): boolean {
  const [, start, whole] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '') ?? []
  const isAsLong = total === undefined || whole === '*' || whole === String(total)
  return statusCode === 206 && start === String(from) && isAsLong
}

/** A weak tag does not promise the same bytes. */
function versionOf({ headers }: IncomingMessage): string | undefined {
  return headers.etag?.startsWith('"') ? headers.etag : headers['last-modified']
}

const rangeHeaders = ({ from, version }: Part): Readonly<Record<string, string>> => ({
  range: `bytes=${from}-`,
  ...(version !== undefined && { 'if-range': version }),
})

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
async function ask(url: URL, connection: Connection, part: Part | undefined): Promise<Answer> {
  const request = await makeRequest(url, connection, part && rangeHeaders(part))
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
