import { describe, expect, test } from 'vitest'
import { formatSeconds, formatSize, inspectTerminal, paint, plainText } from '../../cli/terminal.js'
import { fakeStream } from '../support/stream.js'

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1536, '1.5 KiB'],
  [1024 ** 2, '1.0 MiB'],
  [5.25 * 1024 ** 3, '5.3 GiB'],
  [2 ** 60, '1048576.0 TiB'],
])('formatSize writes %d as %s', (bytes, text) => {
  expect(formatSize(bytes)).toBe(text)
})

test.each([
  [0, '0.0s'],
  [9.96, '10.0s'],
  [59.94, '59.9s'],
  [59.96, '1m00s'],
  [60, '1m00s'],
  [83.4, '1m23s'],
  [3725, '62m05s'],
])('formatSeconds writes %d as %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text)
})

test('plainText keeps words and lines, and nothing that moves the cursor', () => {
  expect(plainText('a\u001b[31mb\u001b[0m\u001b[2J\tc\nd\u0007\r\u007f')).toBe('ab\tc\nd')
  expect(plainText('\u001b]0;title\u0007word')).not.toContain('\u001b')
  expect(plainText('a\u009b2Jb\u202ec\u2066d')).not.toMatch(/[\u0080-\u009f\u202a-\u202e\u2066]/)
  expect(plainText('größe 日本')).toBe('größe 日本')
})

describe('inspectTerminal', () => {
  const inspect = (isTTY: boolean, env: NodeJS.ProcessEnv) => {
    const { live, colour } = inspectTerminal(fakeStream({ isTTY }), env)
    return { live, colour }
  }

  test('knows what a person can see', () => {
    expect(inspect(true, {})).toEqual({ live: true, colour: true })
    expect(inspect(false, {})).toEqual({ live: false, colour: false })
    expect(inspect(true, { TERM: 'dumb' })).toEqual({ live: false, colour: false })
    expect(inspect(true, { NO_COLOR: '1' })).toEqual({ live: true, colour: false })
    expect(inspect(true, { NO_COLOR: '' })).toEqual({ live: true, colour: true })
  })

  test.each([
    [{}, true],
    [{ LANG: 'de_DE.UTF-8' }, true],
    [{ LC_ALL: 'C.utf8' }, true],
    [{ LANG: 'C' }, false],
    [{ LANG: 'de_DE.UTF-8', LC_ALL: 'POSIX' }, false],
    [{ TERM: 'linux', LANG: 'C.UTF-8' }, false],
  ])('with %j it shows more than ASCII: %s', (env, unicode) => {
    expect(inspectTerminal(fakeStream({ isTTY: true }), env).unicode).toBe(unicode)
  })

  test('decides whether text is painted', () => {
    const stream = fakeStream({ isTTY: true })
    expect(paint(inspectTerminal(stream, {}), 'red', 'x')).toBe('\u001b[31mx\u001b[0m')
    expect(paint(inspectTerminal(stream, { NO_COLOR: '1' }), 'red', 'x')).toBe('x')
  })
})
