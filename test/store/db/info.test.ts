import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  DamagedRecord,
  decodeInfo,
  digestOf,
  encodeInfo,
  type PathInfo,
  StoreError,
} from '../../../store/index.js'
import { anyPath } from '../../support/objects.js'
import { SOME_TIME } from '../../support/store.js'

const full: PathInfo = {
  path: anyPath('hello'),
  narHash: digestOf('blake3', 'hello'),
  narSize: 112,
  references: [anyPath('libc'), anyPath('hello')].sort(),
  deriver: anyPath('hello.drv'),
  registered: SOME_TIME,
  provenance: { channel: 'https://example.org', commit: 'abc' },
  signatures: ['key:signature'],
}

test('encodeInfo() writes the text in golden/path-info.json', async () => {
  await expect(`${encodeInfo(full)}\n`).toMatchFileSnapshot('../../golden/path-info.json')
})

const path = fc.string({ unit: fc.constantFrom(...'abc'), minLength: 1 }).map(anyPath)
const infos: fc.Arbitrary<PathInfo> = fc.record({
  path,
  narHash: fc.uint8Array().map(bytes => digestOf('blake3', bytes)),
  narSize: fc.maxSafeNat(),
  references: fc.uniqueArray(path).map(paths => paths.sort()),
  deriver: fc.option(path, { nil: undefined }),
  registered: fc.maxSafeNat(),
  provenance: fc.option(
    fc.dictionary(
      fc.string().filter(key => key !== '__proto__'),
      fc.string(),
      { noNullPrototype: true },
    ),
    { nil: undefined },
  ),
  signatures: fc.array(fc.string()),
})

test('decodeInfo() reads back what encodeInfo() writes', () => {
  fc.assert(
    fc.property(infos, info => {
      expect(decodeInfo(info.path, encodeInfo(info))).toEqual(info)
    }),
  )
})

test.each([
  ['no JSON', '{'],
  ['no record', '[]'],
  ['an unknown field', encodeInfo(full).replace('narSize', 'size')],
  ['a negative size', encodeInfo(full).replace('112', '-1')],
  ['a size that is no number', encodeInfo(full).replace('112', '"112"')],
  ['a reference that is no path', encodeInfo(full).replace(anyPath('libc'), '../etc')],
  ['a hash in another spelling', encodeInfo(full).replace('blake3-', 'blake4-')],
  ['provenance that is no text', encodeInfo(full).replace('"abc"', '1')],
])('decodeInfo() refuses %s', (_what, text) => {
  expect(() => decodeInfo(full.path, text)).toThrow(StoreError)
})

test('decodeInfo() names the object whose record is damaged', () => {
  expect(() => decodeInfo(full.path, '')).toThrow(DamagedRecord)
  expect(() => decodeInfo(full.path, '')).toThrow(full.path)
})
