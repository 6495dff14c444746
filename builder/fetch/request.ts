import http, { type ClientRequest, type RequestOptions } from 'node:http'
import https from 'node:https'
import { isIP, type Socket, type TcpNetConnectOpts } from 'node:net'
import tls from 'node:tls'
import type { Pause } from './attempts.js'
import { asUrlProblem, isPassingStatus, UrlProblem } from './problem.js'
import { type FindProxy, hostOf, portOf } from './proxy.js'
import { makeWatchdog, type Timeouts, waitFor } from './watchdog.js'

/** How to reach servers. */
export interface Connection {
  readonly timeouts: Timeouts
  readonly findProxy: FindProxy
  readonly signal: AbortSignal | undefined
  /** Whether what is asked for over https must also come over https. */
  readonly staysSecure?: boolean
  /** Milliseconds to wait before each further attempt. */
  readonly pauses: readonly number[]
  readonly onPause?: ((pause: Pause) => void) | undefined
}

/** Bytes as they lie on the server: a coding it adds is neither asked for nor undone, since the hash is of the file. */
const always = { 'user-agent': 'store', accept: '*/*', 'accept-encoding': 'identity' }

/** Node gives each address of a host a quarter of a second, too short for a slow line. */
const patience: Pick<TcpNetConnectOpts, 'autoSelectFamilyAttemptTimeout'> = {
  autoSelectFamilyAttemptTimeout: 2500,
}

/** Prepares a request for `url`, directly or through a proxy; nothing is sent before it is ended. */
export async function makeRequest(
  url: URL,
  connection: Connection,
  added: Readonly<Record<string, string>> = {},
): Promise<ClientRequest> {
  const headers = { ...always, ...added }
  const proxy = connection.findProxy(url)
  const options: RequestOptions = { ...patience, headers, ...withSignal(connection) }
  if (!proxy) return (url.protocol === 'https:' ? https : http).request(url, { ...options, agent: false })
  if (url.protocol === 'https:') {
    const socket = await tunnel(url, proxy, connection)
    return https.request(url, { ...options, createConnection: () => socket })
  }
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
async function tunnel(url: URL, proxy: URL, connection: Connection): Promise<Socket> {
  const host = `${url.hostname}:${portOf(url)}`
  const request = http.request({
    ...patience,
    ...proxyAddress(proxy),
    method: 'CONNECT',
    path: host,
    headers: { host, ...proxyLogin(proxy) },
    ...withSignal(connection),
  })
  const watchdog = makeWatchdog(connection.timeouts, problem => request.destroy(problem))
  try {
    const response = await waitFor(request, 'connect', watchdog)
    const servername = isIP(hostOf(url)) ? '' : url.hostname
    if (response.statusCode === 200) return tls.connect({ socket: response.socket, servername })
    response.socket.destroy()
    throw new UrlProblem(`the proxy answered ${response.statusCode} ${response.statusMessage}`, {
      passing: isPassingStatus(response.statusCode ?? 0),
    })
  } catch (error) {
    throw asUrlProblem(error)
  } finally {
    watchdog.rest()
  }
}

const withSignal = ({ signal }: Connection) => signal && { signal }

const proxyAddress = (proxy: URL) => ({ host: hostOf(proxy), port: portOf(proxy), agent: false as const })

const proxyLogin = (proxy: URL) => authorization('proxy-authorization', proxy)

function authorization(header: string, { username, password }: URL): Record<string, string> {
  if (username === '') return {}
  const login = `${decode(username)}:${decode(password)}`
  return { [header]: `Basic ${Buffer.from(login).toString('base64')}` }
}

/** Text in which a percent sign stands for itself is taken as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
