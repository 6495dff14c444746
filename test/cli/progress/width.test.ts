import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cut, displayWidth } from '../../../cli/progress/width.js'

test.each([
  ['', 0],
  ['hello-2.10', 10],
  ['größe', 5],
  ['gro\u0308ße', 5],
  ['日本語', 6],
  ['ｗｉｄｅ', 8],
  ['👍', 2],
  ['👨‍👩‍👧', 6],
  ['🇩🇪', 4],
  ['❤️', 2],
])('displayWidth of %j is at most %d', (text, width) => {
  expect(displayWidth(text)).toBe(width)
})

test.each([
  ['hello', 5, 'hello'],
  ['hello', 4, 'hel…'],
  ['hello', 1, '…'],
  ['hello', 0, ''],
  ['日本語', 4, '日…'],
  ['日本語', 5, '日本…'],
  ['a\u0308b\u0308c', 2, 'a\u0308…'],
  ['👨‍👩‍👧 x', 5, '…'],
])('cut of %j to %d columns is %j', (text, width, expected) => {
  expect(cut(text, width)).toBe(expected)
})

test('what is cut is never too wide, and begins as the text does', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, width) => {
      const kept = cut(text, width)
      expect(displayWidth(kept)).toBeLessThanOrEqual(Math.max(width, displayWidth(text) === 0 ? 0 : width))
      expect(text.startsWith(kept.replace(/…$/, '')) || text.startsWith(kept)).toBe(true)
    }),
  )
})
