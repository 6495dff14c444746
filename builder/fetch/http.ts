import http, { type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import tls from 'node:tls'
import { asUrlProblem, UrlProblem } from './problem.js'
import { type FindProxy, portOf } from './proxy.js'

/** In milliseconds: until a connection stands, and until the next byte comes. */
export interface Timeouts {
  readonly connect: number
  readonly stall: number
}

export interface Connection {
  readonly timeouts: Timeouts
  readonly findProxy: FindProxy
  readonly signal: AbortSignal | undefined
}

/** The bytes behind a URL, and how many were announced. Reading throws `UrlProblem` when they do not all come. */
export interface Body {
  readonly length: number | undefined
  readonly chunks: AsyncIterable<Uint8Array>
}

const maxRedirects = 10

/** Bytes as they lie on the server: a coding it adds is neither asked for nor undone, since the hash is of the file. */
const headers = { 'user-agent': 'store', accept: '*/*', 'accept-encoding': 'identity' }

/** Asks for `url` and follows redirects, also from https to http: the hash decides what is accepted. */
export async function openHttp(url: URL, connection: Connection): Promise<Body> {
  let at = url
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const { response, watchdog } = await ask(at, connection)
    const status = response.statusCode ?? 0
    if (status === 200) return { length: lengthOf(response), chunks: read(response, watchdog) }
    watchdog.rest()
    response.destroy()
    const location = response.headers.location
    if (![301, 302, 303, 307, 308].includes(status) || location === undefined)
      throw new UrlProblem(`the server answered ${status} ${response.statusMessage ?? ''}`.trim())
    at = redirected(at, location)
  }
  throw new UrlProblem(`it redirects more than ${maxRedirects} times`)
}

function redirected(from: URL, location: string): URL {
  if (!URL.canParse(location, from.href))
    throw new UrlProblem(`it redirects to "${location}", which is no URL`)
  const to = new URL(location, from.href)
  if (to.protocol !== 'http:' && to.protocol !== 'https:')
    throw new UrlProblem(`it redirects to "${to.href}", which is neither http nor https`)
  return to
}

function lengthOf(response: IncomingMessage): number | undefined {
  const text = response.headers['content-length']
  return text === undefined ? undefined : Number(text)
}

async function* read(response: IncomingMessage, watchdog: Watchdog): AsyncGenerator<Uint8Array> {
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
  } catch (error) {
    if (error instanceof UrlProblem || response.complete) throw asUrlProblem(error)
    const announced = length === undefined ? '' : ` of ${length}`
    throw new UrlProblem(`the connection closed after ${bytes}${announced} bytes`, { cause: error })
  } finally {
    watchdog.rest()
    response.destroy()
  }
}

/** Ends a connection on which nothing happens for too long. */
interface Watchdog {
  expect(what: keyof Timeouts): void
  rest(): void
}

function makeWatchdog(timeouts: Timeouts, end: (problem: UrlProblem) => void): Watchdog {
  let timer: NodeJS.Timeout | undefined
  const rest = (): void => clearTimeout(timer)
  return {
    rest,
    expect(what) {
      rest()
      const seconds = timeouts[what] / 1000
      const sentence = what === 'connect' ? `no connection within ${seconds} s` : `no byte for ${seconds} s`
      timer = setTimeout(() => end(new UrlProblem(`timed out: ${sentence}`)), timeouts[what])
    },
  }
}

/** Sends one request and waits for the head of the answer. */
async function ask(
  url: URL,
  connection: Connection,
): Promise<{ response: IncomingMessage; watchdog: Watchdog }> {
  const proxy = connection.findProxy(url)
  const socket = proxy && url.protocol === 'https:' ? await tunnel(url, proxy, connection) : undefined
  const request = send(url, proxy, socket, connection.signal)
  let response: IncomingMessage | undefined
  const watchdog = makeWatchdog(connection.timeouts, problem => (response ?? request).destroy(problem))
  try {
    response = await answer(request, 'response', watchdog)
  } catch (error) {
    watchdog.rest()
    throw asUrlProblem(error)
  }
  return { response, watchdog }
}

function send(
  url: URL,
  proxy: URL | undefined,
  socket: Socket | undefined,
  signal: AbortSignal | undefined,
): ClientRequest {
  const options: RequestOptions = { headers, ...(signal && { signal }) }
  if (socket) return https.request(url, { ...options, createConnection: () => socket })
  if (!proxy) return (url.protocol === 'https:' ? https : http).request(url, { ...options, agent: false })
  const target = new URL(url)
  target.username = target.password = ''
  return http.request({
    ...options,
    ...proxyAddress(proxy),
    path: target.href,
    headers: { ...headers, host: url.host, ...authorization('authorization', url), ...proxyLogin(proxy) },
  })
}

/** Asks `proxy` for a connection to the host of `url` and speaks TLS through it. */
async function tunnel(url: URL, proxy: URL, { timeouts, signal }: Connection): Promise<Socket> {
  const host = `${url.hostname}:${portOf(url)}`
  const request = http.request({
    ...proxyAddress(proxy),
    method: 'CONNECT',
    path: host,
    headers: { host, ...proxyLogin(proxy) },
    ...(signal && { signal }),
  })
  const watchdog = makeWatchdog(timeouts, problem => request.destroy(problem))
  try {
    const response = await answer(request, 'connect', watchdog)
    if (response.statusCode === 200) return tls.connect({ socket: response.socket, servername: url.hostname })
    response.socket.destroy()
    throw new UrlProblem(`the proxy answered ${response.statusCode} ${response.statusMessage}`)
  } catch (error) {
    throw asUrlProblem(error)
  } finally {
    watchdog.rest()
  }
}

function answer(
  request: ClientRequest,
  event: 'response' | 'connect',
  watchdog: Watchdog,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    watchdog.expect('connect')
    request.on('socket', socket => {
      if (!socket.connecting && !('encrypted' in socket)) watchdog.expect('stall')
      socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => watchdog.expect('stall'))
    })
    // Stays for the life of the request: what follows the answer must not become an uncaught error.
    request.on('error', reject)
    request.once(event, (response: IncomingMessage) => {
      watchdog.rest()
      resolve(response)
    })
    request.end()
  })
}

const proxyAddress = (proxy: URL) => ({ host: proxy.hostname, port: portOf(proxy), agent: false as const })

const proxyLogin = (proxy: URL) => authorization('proxy-authorization', proxy)

function authorization(header: string, { username, password }: URL): Record<string, string> {
  if (username === '') return {}
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { [header]: `Basic ${Buffer.from(login).toString('base64')}` }
}
