import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeBase32, encodeBase32 } from '../../store/index.js'

/** From nix-hash --to-base32. */
test.each([
  ['0000000000000000000000000000000000000000', '00000000000000000000000000000000'],
  ['0102030405060708090a0b0c0d0e0f1011121314', '2h9i448h1w70s30b184hh1q60l2060h1'],
  [
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    '1b8m03r63zqhnjf7l5wnldhh7c134ap5vpj0850ymkq1iyzicy5s',
  ],
  [
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    '2gs8k559z4rlahfx0y688s49m2vvszylcikrfinm30ly9rak69236nkam5ydvly1ai7xac99vxfc4ii84hawjbk876blyk1jfhkbbyx',
  ],
])('encodeBase32() writes %s as Nix does', (hex, text) => {
  expect(encodeBase32(Buffer.from(hex, 'hex'))).toBe(text)
  expect(decodeBase32(text)?.toString('hex')).toBe(hex)
})

test('decodeBase32() reads back any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), bytes => {
      expect(decodeBase32(encodeBase32(bytes))).toEqual(Buffer.from(bytes))
    }),
  )
})

test('decodeBase32() refuses letters outside the alphabet, and bits that belong to no byte', () => {
  expect(decodeBase32('e0000000000000000000000000000000')).toBeUndefined()
  expect(decodeBase32('A0000000000000000000000000000000')).toBeUndefined()
  expect(decodeBase32('z0')).toBeUndefined()
})
