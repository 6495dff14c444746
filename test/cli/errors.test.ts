import { describe, expect, test } from 'vitest'
import { BuildFailed, Interrupted, SeveralFailed, TimedOut, UnknownPackage } from '../../builder/index.js'
import { exitStatus, formatError, Usage } from '../../cli/errors.js'
import { inspectTerminal } from '../../cli/terminal.js'
import { HashMismatch, parseDigest } from '../../store/index.js'
import { fakeStream } from '../support/stream.js'

const pipe = inspectTerminal(fakeStream({ isTTY: false }), {})
const screen = inspectTerminal(fakeStream({ isTTY: true }), {})
const details = {
  log: '/log',
  derivation: '/store/x-a.drv',
  tail: ['last \u001b[2Jline'],
  found: [],
  kept: undefined,
}
const failed = new BuildFailed('a', 'failed', details)
const timedOut = new TimedOut('a', 'took too long', details)
const digest = parseDigest(`sha256-${'A'.repeat(43)}=`)
const mismatch = new HashMismatch('a', digest, digest)

describe('exitStatus', () => {
  test.each([
    ['wrong usage', new Usage('no', { hint: 'yes' }), 2],
    ['a failed build', failed, 100],
    ['a build that timed out', timedOut, 101],
    ['wrong content', mismatch, 102],
    ['an interrupted command', new Interrupted(), 130],
    ['another error of the user', new UnknownPackage('a', []), 1],
    ['a defect', new TypeError('no'), 1],
    ['no error at all', 'thrown text', 1],
    ['several: 102 before 101', new SeveralFailed([failed, timedOut, mismatch], []), 102],
    ['several: 101 before 100', new SeveralFailed([failed, timedOut], []), 101],
    ['several: 100 before 1', new SeveralFailed([new UnknownPackage('a', []), failed], []), 100],
  ])('of %s', (_what, error, status) => {
    expect(exitStatus(error)).toBe(status)
  })
})

describe('formatError', () => {
  test('writes the code, the sentence and the next step', () => {
    expect(formatError(new UnknownPackage('helo', ['hello']), pipe, false)).toBe(
      'error[UNKNOWN_PACKAGE]: There is no package "helo"\nhint: Did you mean hello?\n',
    )
    expect(formatError(new Usage('no', { hint: 'yes' }), pipe, false)).toBe('error[USAGE]: no\nhint: yes\n')
  })

  test('colours on a terminal, and never with what a build printed', () => {
    const text = formatError(failed, screen, false)
    expect(text).toMatch(/^\u001b\[31merror\[BUILD_FAILED\]:\u001b\[0m The build/)
    expect(text).toContain('\n  last line\n')
  })

  test('lets the lines stand out that say what went wrong', () => {
    const found = [{ number: 812, text: 'a.c:3:5: error: no' }]
    const tail = ['fine', 'make: *** [Makefile:1: a.o] Error 1']
    const error = new BuildFailed('a', 'failed', { ...details, found, tail })
    expect(formatError(error, pipe, false)).toContain(
      'failed; its first errors, by line:\n  812: a.c:3:5: error: no\nits last lines:\n  fine\n  make: ***',
    )
    const text = formatError(error, screen, false)
    expect(text).toContain('\n\u001b[1m\u001b[31m  812: a.c:3:5: error: no\u001b[0m\u001b[0m\n')
    expect(text).toContain('\n  fine\n\u001b[31m  make: *** [Makefile:1: a.o] Error 1\u001b[0m\n')
  })

  test('tells what was not built, but not all of a long list', () => {
    const names = Array.from({ length: 50 }, (_, i) => `p${i}`)
    const text = formatError(new SeveralFailed([failed], names), pipe, false)
    expect(text).toMatch(/\nnot built because of that: p0, .*, p19 and 30 more\n$/)
  })

  test('calls a defect a defect, and says how to report it', () => {
    const text = formatError(new TypeError('x is not a function'), pipe, false)
    expect(text).toMatch(
      /^error\[DEFECT\]: This is a defect of store: x is not a function\nhint: .*STORE_DEBUG=1/,
    )
    expect(text).not.toContain(' at ')
  })

  test('shows the stack and the cause when asked to', () => {
    const text = formatError(new Error('outer', { cause: new Error('inner') }), pipe, true)
    expect(text).toMatch(/\n {4}at /)
    expect(text).toContain('caused by: Error: inner\n')
  })

  test('writes each of several failures', () => {
    const text = formatError(new SeveralFailed([failed, mismatch], []), pipe, false)
    expect(text.match(/^error\[\w+\]/gm)).toEqual(['error[BUILD_FAILED]', 'error[HASH_MISMATCH]'])
  })
})
