import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Algorithm,
  BadDigest,
  digestOf,
  equalDigests,
  formatDigest,
  parseDigest,
} from '../../store/index.js'

test.each([
  ['blake3', '', 'blake3-rxNJufX5oaagQE3qNtzJSZvLJcmtwRK3zJqTyuQfMmI='],
  ['blake3', 'abc', 'blake3-ZDezrDhGUTP/tjt1JzqNtUjFWEZdedsD/TWcbNW9nYU='],
  ['sha256', 'abc', 'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='],
  [
    'sha512',
    'abc',
    'sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==',
  ],
] as const)('%s of "%s" is %s', (algorithm, text, formatted) => {
  expect(formatDigest(digestOf(algorithm, text))).toBe(formatted)
})

test('parseDigest() reads SRI, hex, base-32 and base64 as the same digest', () => {
  const digest = digestOf('sha256', 'abc')
  for (const spelling of [
    'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=',
    'sha256:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=',
    'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    'sha256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD',
    'sha256:1b8m03r63zqhnjf7l5wnldhh7c134ap5vpj0850ymkq1iyzicy5s',
  ])
    expect(equalDigests(parseDigest(spelling), digest), spelling).toBe(true)
})

test('parseDigest() reads back what formatDigest() writes', () => {
  const algorithms = fc.constantFrom<Algorithm>('blake3', 'sha256', 'sha512')
  fc.assert(
    fc.property(algorithms, fc.uint8Array(), (algorithm, bytes) => {
      const digest = digestOf(algorithm, bytes)
      expect(parseDigest(formatDigest(digest))).toEqual(digest)
    }),
  )
})

test.each([
  ['no algorithm', 'ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='],
  ['an unknown algorithm', 'md5:900150983cd24fb0d6963f7d28e17f72'],
  ['an algorithm that is a property of every object', 'constructor:00'],
  ['too few bytes', 'sha256-AAAA'],
  ['hex after a dash', 'sha256-ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ['base64 with stray bits', 'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa1='],
  ['a trailing newline', 'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=\n'],
])('parseDigest() refuses %s', (_what, text) => {
  expect(() => parseDigest(text)).toThrow(BadDigest)
})
