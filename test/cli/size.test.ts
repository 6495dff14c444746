import { expect, test } from 'vitest'
import { Usage } from '../../cli/errors.js'
import { parseSize } from '../../cli/size.js'

test.each([
  ['0', 0],
  ['1048576', 1048576],
  ['500M', 500 * 2 ** 20],
  ['500 MB', 500 * 2 ** 20],
  ['1.5GiB', 1.5 * 2 ** 30],
  ['2t', 2 * 2 ** 40],
])('parseSize() reads %s', (text, bytes) => {
  expect(parseSize(text, 'max-freed')).toBe(bytes)
})

test.each(['', 'M', '-1', '1Q', '1e3', 'much'])('parseSize() refuses %j', text => {
  expect(() => parseSize(text, 'max-freed')).toThrow(Usage)
})
