/** The variables that name proxies, as curl and wget read them; lower-case spellings win. */
export type ProxyVariables = Readonly<Record<string, string | undefined>>

/** Which proxy to ask for a URL; `undefined` is a direct connection. */
export type FindProxy = (url: URL) => URL | undefined

/** Reads `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`. Only proxies spoken to in plain http are known. */
export function proxyFrom(variables: ProxyVariables): FindProxy {
  const read = (name: string): string => variables[name] ?? variables[name.toUpperCase()] ?? ''
  const exempt = read('no_proxy')
    .split(/[\s,]+/)
    .filter(entry => entry !== '')
  return url => {
    if (exempt.some(entry => matches(entry, url))) return undefined
    const text = read(`${url.protocol.slice(0, -1)}_proxy`) || read('all_proxy')
    if (text === '') return undefined
    const address = /^[a-z0-9]+:\/\//i.test(text) ? text : `http://${text}`
    if (!URL.canParse(address)) return undefined
    const proxy = new URL(address)
    return proxy.protocol === 'http:' ? proxy : undefined
  }
}

/** `*`, a host, or a domain with all hosts below it; with a port only that port. */
function matches(entry: string, url: URL): boolean {
  if (entry === '*') return true
  const [, domain = '', port] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? []
  if (port !== undefined && port !== portOf(url)) return false
  return url.hostname === domain || url.hostname.endsWith(`.${domain}`)
}

export const portOf = (url: URL): string => url.port || (url.protocol === 'https:' ? '443' : '80')
