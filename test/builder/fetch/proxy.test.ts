import { expect, test } from 'vitest'
import { proxyFrom } from '../../../builder/fetch/proxy.js'

const variables = {
  http_proxy: 'http://p.example:3128',
  HTTPS_PROXY: 'q.example:8080',
  no_proxy: 'localhost, .intra.example,10.0.0.1:8000',
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
])('for %s is %s', (url, proxy) => {
  expect(proxyFrom(variables)(new URL(url))?.href).toBe(proxy)
})

test.each([
  {},
  { http_proxy: '' },
  { http_proxy: 'http://p.example', no_proxy: '*' },
  { http_proxy: 'socks5://p.example' },
  { http_proxy: 'http://' },
])('there is none with %j', settings => {
  expect(proxyFrom(settings)(new URL('http://example.org/'))).toBeUndefined()
})
