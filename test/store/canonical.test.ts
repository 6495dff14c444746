import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BadEncoding, CanonicalReader, CanonicalWriter, compareBytes } from '../../store/index.js'

function encode(values: {
  text: string
  set: readonly string[]
  map: readonly (readonly [string, string])[]
}) {
  const writer = new CanonicalWriter('example-1')
  writer.string(values.text)
  writer.set(new Set(values.set))
  writer.map(new Map(values.map), value => writer.string(value))
  return writer.finish()
}

function decode(bytes: Uint8Array) {
  const reader = new CanonicalReader(bytes, 'an example')
  if (reader.format !== 'example-1') reader.fail('unknown format')
  const text = reader.string()
  const set = reader.set(item => item)
  const map = reader.map(() => reader.string())
  reader.finish()
  return { text, set: [...set], map: [...map] }
}

test('CanonicalWriter writes the bytes in golden/canonical.txt', async () => {
  const bytes = encode({
    text: 'two\nlines',
    set: ['b', 'a', '\u{1d4b3}', '\uff5e', ''],
    map: [
      ['PATH', '/bin'],
      ['HOME', ''],
      ['ä', 'ö'],
    ],
  })
  await expect(Buffer.from(bytes).toString()).toMatchFileSnapshot('../golden/canonical.txt')
})

const text = fc.string({ unit: 'grapheme' }).filter(value => value.isWellFormed())
const values = fc.record({
  text,
  set: fc.uniqueArray(text),
  map: fc.uniqueArray(fc.tuple(text, text), { selector: ([key]) => key }),
})

test('CanonicalReader reads back what CanonicalWriter writes', () => {
  fc.assert(
    fc.property(values, value => {
      const read = decode(encode(value))
      expect(read.text).toBe(value.text)
      expect(read.set).toEqual(value.set.toSorted(compareBytes))
      expect(read.map).toEqual(value.map.toSorted(([a], [b]) => compareBytes(a, b)))
    }),
  )
})

test('CanonicalReader accepts no second spelling of a value', () => {
  fc.assert(
    fc.property(values, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, place, change) => {
      const bytes = Buffer.from(encode(value))
      bytes[place % bytes.length]! ^= change
      try {
        expect(Buffer.from(encode(decode(bytes)))).toEqual(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(BadEncoding)
      }
    }),
    { numRuns: 1000 },
  )
})

test('CanonicalReader refuses what is cut short, and what goes on', () => {
  const bytes = encode({ text: 'a', set: ['b'], map: [['c', 'd']] })
  for (let length = 0; length < bytes.length; length++)
    expect(() => decode(bytes.subarray(0, length))).toThrow(BadEncoding)
  expect(() => decode(Buffer.concat([bytes, Buffer.from('\n')]))).toThrow(BadEncoding)
})

test('CanonicalWriter refuses a lone surrogate', () => {
  expect(() => new CanonicalWriter('x').string('\ud800')).toThrow(BadEncoding)
})

test('compareBytes() orders texts as the bytes of their UTF-8', () => {
  const unit = fc.constantFrom('', 'a', 'b', 'ä', '\u{d7ff}', '\u{e000}', '\u{ffff}', '\u{10000}')
  const pair = fc.tuple(fc.array(unit, { maxLength: 4 }), fc.array(unit, { maxLength: 4 }))
  fc.assert(
    fc.property(pair, ([left, right]) => {
      const [a, b] = [left.join(''), right.join('')]
      expect(compareBytes(a, b)).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
    }),
    { numRuns: 2000 },
  )
})
