import { expect, test } from 'vitest'
import { resolveUrl } from '../../../builder/fetch/submodules.js'

test.each([
  ['../b', 'https://example.org/a', 'https://example.org/b'],
  ['../../c/d.git', 'https://example.org/x/a.git/', 'https://example.org/c/d.git'],
  ['./b', 'https://example.org/a', 'https://example.org/a/b'],
  ['../b', 'me@example.org:a', 'me@example.org:b'],
  ['../b', 'me@example.org:x/a', 'me@example.org:x/b'],
  ['https://example.org/z', 'file:///a', 'https://example.org/z'],
  ['file:///z', 'file:///a', 'file:///z'],
])('the submodule %s of %s is %s', (url, parent, resolved) => {
  expect(resolveUrl(url, parent)).toBe(resolved)
})

test.each([
  ['file:///etc', 'https://example.org/a'],
  ['/etc', 'file:///a'],
  ['ext::sh -c true', 'file:///a'],
  ['-u', 'file:///a'],
  ['ssh://-oProxyCommand=x/y', 'file:///a'],
])('the submodule %s of %s is refused', (url, parent) => {
  expect(() => resolveUrl(url, parent)).toThrow('no URL that a submodule may have')
})
