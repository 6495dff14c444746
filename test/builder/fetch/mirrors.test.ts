import { describe, expect, test } from 'vitest'
import { makeMirrors } from '../../../builder/fetch/mirrors.js'
import shipped from '../../../builder/fetch/mirrors.json' with { type: 'json' }
import { digest } from './support.js'

test("asks the user's mirrors first, then the host's, the public ones, and an archive last", () => {
  const { resolve } = makeMirrors({
    user: { mirrors: { debian: ['https://user.example/debian/'] }, byHash: {} },
    host: { debian: ['http://host.example/debian', 'https://user.example/debian'] },
    shipped: {
      mirrors: { debian: ['https://public.example/debian/'] },
      archives: { debian: ['https://archive.example/debian'] },
      byHash: {},
    },
  })
  expect(resolve('mirror://debian/pool/main/h/hello.deb')).toEqual([
    'https://user.example/debian/pool/main/h/hello.deb',
    'http://host.example/debian/pool/main/h/hello.deb',
    'https://public.example/debian/pool/main/h/hello.deb',
    'https://archive.example/debian/pool/main/h/hello.deb',
  ])
})

test('leaves other URLs as they are', () => {
  expect(makeMirrors().resolve('https://example.org/x')).toEqual(['https://example.org/x'])
})

test('names the known lists when one is unknown', () => {
  expect(() =>
    makeMirrors({ user: { mirrors: { own: ['x'] }, byHash: {} } }).resolve('mirror://gnus/x'),
  ).toThrow(
    expect.objectContaining({
      code: 'UNKNOWN_MIRROR',
      hint: expect.stringContaining('gnu, kernel, npm, own'),
    }),
  )
  expect(() => makeMirrors().resolve('mirror://constructor/x')).toThrow(/no mirror list/)
})

test.each(['mirror://gnu', 'mirror://gnu/', 'mirror:gnu/x', 'mirror:///x'])('refuses "%s"', url => {
  expect(() => makeMirrors().resolve(url)).toThrow(expect.objectContaining({ code: 'BAD_MIRROR_URL' }))
})

test('knows where files lie by their hash', () => {
  expect(makeMirrors().lastResort(digest)).toEqual([`https://tarballs.nixos.org/sha256/${digest.hex}`])
  expect(makeMirrors().lastResort({ algorithm: 'blake3', hex: '00' })).toEqual([])
  const user = { mirrors: {}, byHash: { sha256: ['https://own.example/{hex}/{hex}.bin'] } }
  expect(makeMirrors({ user }).lastResort(digest)).toEqual([
    `https://own.example/${digest.hex}/${digest.hex}.bin`,
    `https://tarballs.nixos.org/sha256/${digest.hex}`,
  ])
})

describe('the public mirrors', () => {
  const all = [...Object.entries(shipped.mirrors), ...Object.entries(shipped.archives)]

  test.each(all)('of %s are URLs of directories', (_name, urls) => {
    for (const url of urls) expect(url).toMatch(/^https?:\/\/[^/]+\/([^?#]*\/)?$/)
  })

  test.each(Object.entries(shipped.byHash))(
    'of files by their %s have a place for the hash',
    (_name, urls) => {
      for (const url of urls) expect(url).toMatch(/^https:\/\/.*\{hex\}/)
    },
  )
})
