import { expect, test } from 'vitest'
import { proxyFrom } from '../../../builder/fetch/proxy.js'

const variables = {
  http_proxy: 'http://p.example:3128',
  HTTPS_PROXY: 'q.example:8080',
  no_proxy:
    'localhost, .intra.example,10.0.0.1:8000,192.168.0.0/16,::1,172.16.0.0/,172.16.0.0/8.5,172.16.0.0/33,fd00::/8,[fe80::2]:80',
}

test.each([
  ['http://example.org/', 'http://p.example:3128/'],
  ['https://example.org/', 'http://q.example:8080/'],
  ['http://localhost/', undefined],
  ['http://a.intra.example/', undefined],
  ['http://intra.example/', undefined],
  ['http://notintra.example/', 'http://p.example:3128/'],
  ['http://10.0.0.1:8000/', undefined],
  ['http://10.0.0.1/', 'http://p.example:3128/'],
  ['http://192.168.7.7/', undefined],
  ['http://192.169.0.1/', 'http://p.example:3128/'],
  ['http://172.16.0.1/', 'http://p.example:3128/'],
  ['http://[::1]:8000/', undefined],
  ['http://[fd12::1]/', undefined],
  ['http://[fe80::1]/', 'http://p.example:3128/'],
  ['http://[fe80::2]/', undefined],
])('for %s is %s', (url, proxy) => {
  expect(proxyFrom(variables)(new URL(url))?.href).toBe(proxy)
})

test.each([{}, { http_proxy: '' }, { http_proxy: 'http://p.example', no_proxy: '*' }])(
  'there is none with %j',
  settings => {
    expect(proxyFrom(settings)(new URL('http://example.org/'))).toBeUndefined()
  },
)

test.each([
  [
    { http_proxy: 'socks5://me:secret@p.example' },
    'http_proxy names a proxy of the kind "socks5:", only "http:" is known',
  ],
  [{ ALL_PROXY: 'https://p.example' }, 'all_proxy names a proxy of the kind "https:", only "http:" is known'],
  [{ http_proxy: 'http://' }, 'what http_proxy says is no URL'],
])('one that is not known is not passed by: %j', (settings, reason) => {
  expect(() => proxyFrom(settings)(new URL('http://example.org/'))).toThrow(reason)
})
