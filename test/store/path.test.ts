import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  BadName,
  BadStorePath,
  digestOf,
  encodeBase32,
  formatStorePath,
  hashPart,
  makeDerivationPath,
  makeOutputPath,
  makeSourcePath,
  nameOf,
  parseName,
  parseStorePath,
} from '../../store/index.js'

const digest = digestOf('blake3', 'abc')

describe('the hash part', () => {
  test.each([
    ['a tree', makeSourcePath('nar', digest, 'hello-2.10'), 'd1kq7h84npjcfgpvlb388raq64v1nbxs-hello-2.10'],
    [
      'a fetched file',
      makeSourcePath('flat', digestOf('sha256', 'abc'), 'hello.tar.gz'),
      '65mm4fam97ih396y4bbn8bf9anv2gngy-hello.tar.gz',
    ],
    ['an output', makeOutputPath(digest, 'out', 'hello-2.10'), 'mv1xn42wzbff7sbcl3rjcmbz9dlvycfn-hello-2.10'],
    [
      'another output',
      makeOutputPath(digest, 'dev', 'hello-2.10'),
      'j4hv21q25l77y5bfg7ly67d67kvvfsv3-hello-2.10-dev',
    ],
    [
      'a derivation',
      makeDerivationPath(digest, 'hello-2.10'),
      'yp3hywi4601x3gf946bjigz51klsn8b7-hello-2.10.drv',
    ],
  ])('of %s is pinned', (_what, path, pinned) => {
    expect(path).toBe(pinned)
  })

  test('is the folded BLAKE3 of the documented fingerprint', () => {
    const fingerprint = `output:dev:blake3:${digest.hex}:/store:hello-dev`
    const folded = new Uint8Array(20)
    Buffer.from(digestOf('blake3', fingerprint).hex, 'hex').forEach((byte, i) => {
      folded[i % 20]! ^= byte
    })
    expect(makeOutputPath(digest, 'dev', 'hello')).toBe(`${encodeBase32(folded)}-hello-dev`)
  })

  test('depends on method, algorithm, hash and name', () => {
    const paths = [
      makeSourcePath('nar', digest, 'a'),
      makeSourcePath('flat', digest, 'a'),
      makeSourcePath('nar', { ...digest, algorithm: 'sha256' }, 'a'),
      makeSourcePath('nar', digestOf('blake3', 'b'), 'a'),
      makeSourcePath('nar', digest, 'b'),
    ]
    expect(new Set(paths.map(hashPart)).size).toBe(paths.length)
  })
})

const hash = '31i2iwfxmmc16c89gsz0p5rxlwmfj7c6'

test('parseStorePath() reads base names and full paths', () => {
  const path = parseStorePath(`/store/${hash}-hello-2.10`)
  expect(path).toBe(parseStorePath(`${hash}-hello-2.10`))
  expect([hashPart(path), nameOf(path), formatStorePath(path)]).toEqual([
    hash,
    'hello-2.10',
    `/store/${hash}-hello-2.10`,
  ])
})

test.each([
  ['an empty text', ''],
  ['a hash alone', hash],
  ['an empty name', `${hash}-`],
  ['a short hash', `${hash.slice(1)}-a`],
  ['letters Nix leaves out', `e${hash.slice(1)}-a`],
  ['upper case in the hash', `${hash.toUpperCase()}-a`],
  ['a name that starts with a dot', `${hash}-.a`],
  ['a name that starts with a dash', `${hash}--a`],
  ['a path inside an object', `${hash}-a/bin`],
  ['a NUL', `${hash}-a\0`],
  ['a trailing newline', `${hash}-a\n`],
  ['another store directory', `/nix/store/${hash}-a`],
  ['a name of 212 characters', `${hash}-${'a'.repeat(212)}`],
  ['a letter outside ASCII', `${hash}-ä`],
])('parseStorePath() refuses %s', (_what, text) => {
  expect(() => parseStorePath(text)).toThrow(BadStorePath)
})

test('parseName() takes what a store path can hold, and nothing else', () => {
  fc.assert(
    fc.property(fc.string(), name => {
      const isName = (() => {
        try {
          return parseName(name) === name
        } catch (error) {
          expect(error).toBeInstanceOf(BadName)
          return false
        }
      })()
      const parses = (() => {
        try {
          return parseStorePath(`${hash}-${name}`) !== undefined
        } catch {
          return false
        }
      })()
      expect(isName).toBe(parses)
    }),
  )
})
