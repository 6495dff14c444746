import { BlockList, isIP } from 'node:net'
import { UrlProblem } from './problem.js'

/** The variables that name proxies, as curl and wget read them; lower-case spellings win. */
export type ProxyVariables = Readonly<Record<string, string | undefined>>

/** Which proxy to ask for a URL; `undefined` is a direct connection. */
export type FindProxy = (url: URL) => URL | undefined

/**
 * Reads `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`. Only proxies spoken to in plain http are known; another
 * one is a `UrlProblem`: whoever names a proxy does not want to be without.
 */
export function proxyFrom(variables: ProxyVariables): FindProxy {
  const read = (name: string): string => variables[name] ?? variables[name.toUpperCase()] ?? ''
  const exempt = read('no_proxy')
    .split(/[\s,]+/)
    .filter(entry => entry !== '')
  return url => {
    if (exempt.some(entry => matches(entry, url))) return undefined
    const variable = `${url.protocol.slice(0, -1)}_proxy`
    const name = read(variable) === '' ? 'all_proxy' : variable
    const text = read(name)
    if (text === '') return undefined
    const address = /^[a-z0-9]+:\/\//i.test(text) ? text : `http://${text}`
    if (!URL.canParse(address)) throw new UrlProblem(`what ${name} says is no URL`, { final: true })
    const proxy = new URL(address)
    if (proxy.protocol === 'http:') return proxy
    throw new UrlProblem(`${name} names a proxy of the kind "${proxy.protocol}", only "http:" is known`, {
      final: true,
    })
  }
}

/** `*`, a host, a domain with all hosts below it, or a network such as 10.0.0.0/8; with a port only that port. */
function matches(entry: string, url: URL): boolean {
  if (entry === '*') return true
  const host = hostOf(url)
  if (isIP(entry) || entry.includes('/')) return isInNetwork(entry, host)
  const [, domain = '', port] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? []
  if (port !== undefined && port !== portOf(url)) return false
  const name = domain.replace(/^\[(.*)\]$/, '$1')
  return host === name || host.endsWith(`.${name}`)
}

function isInNetwork(entry: string, host: string): boolean {
  const [address = '', bits] = entry.split('/')
  const family = isIP(address)
  if (family === 0 || isIP(host) !== family) return false
  const kind = family === 4 ? 'ipv4' : 'ipv6'
  const most = family === 4 ? 32 : 128
  const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
  if (!(prefix <= most)) return false
  const networks = new BlockList()
  networks.addSubnet(address, prefix, kind)
  return networks.check(host, kind)
}

/** An address of IPv6 stands in brackets in a URL, and nowhere else. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, '$1')

export const portOf = (url: URL): string => url.port || (url.protocol === 'https:' ? '443' : '80')
