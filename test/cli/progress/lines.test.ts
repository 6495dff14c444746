import { describe, expect, test } from 'vitest'
import type { BuildEvent } from '../../../builder/index.js'
import { describeEvent, showLines } from '../../../cli/progress/lines.js'
import type { Mode } from '../../../cli/progress/progress.js'
import { inspectTerminal } from '../../../cli/terminal.js'
import { about, failed, finished, planned, started } from '../../support/events.js'
import { fakeStream } from '../../support/stream.js'

const pipe = inspectTerminal(fakeStream({ isTTY: false }), {})
const name = 'hello-2.10'
const fetch = { work: 'fetch' } as const

describe('describeEvent', () => {
  const describeIn = (event: BuildEvent, mode: Mode = 'normal') => describeEvent(event, pipe, mode)

  test.each([
    [started(name), 'building hello-2.10'],
    [finished(name, 'build', 83.4), 'built hello-2.10 in 1m23s'],
    [failed(name), 'failed: hello-2.10'],
    [started('a.tar', 'fetch'), 'fetching a.tar'],
    [finished('a.deb', 'unpack', 0.5), 'unpacked a.deb in 0.5s'],
    [{ kind: 'waiting', ...about(name) }, 'waiting for another command that makes hello-2.10'],
    [
      { kind: 'planned', steps: [planned('a'), planned('b'), planned('c', fetch)] },
      '2 builds and 1 fetch to do',
    ],
    [{ kind: 'planned', steps: [planned('a'), planned('b')] }, '2 builds to do'],
    [{ kind: 'planned', steps: [planned('a', fetch), planned('b', fetch)] }, '2 fetches to do'],
    [{ kind: 'planned', steps: [planned('a')] }, undefined],
    [{ kind: 'phase', path: about(name).path, phase: 'check' }, undefined],
    [{ kind: 'line', path: about(name).path, name, line: 'PASS' }, undefined],
    [{ kind: 'stopped', ...about(name) }, undefined],
  ] satisfies [BuildEvent, string | undefined][])('%j', (event, line) => {
    expect(describeIn(event)).toBe(line)
  })

  test('shows the lines of builds on request, without what could move the cursor', () => {
    const line: BuildEvent = { kind: 'line', path: about(name).path, name, line: '\u001b[1mPASS\u001b[2K' }
    expect(describeIn(line, 'logs')).toBe('hello-2.10> PASS')
  })

  test('tells what a fetch waits for, but not of a URL that another one follows at once', () => {
    const trouble = {
      kind: 'retrying',
      path: about('a.tar').path,
      url: 'http://h/a.tar',
      reason: 'no',
    } as const
    expect(describeIn({ ...trouble, seconds: 2 })).toBe('retrying http://h/a.tar in 2.0s: no')
    expect(describeIn({ ...trouble, seconds: undefined })).toBeUndefined()
  })

  test('tells what a collection that made room has deleted', () => {
    expect(describeIn({ kind: 'collected', objects: 1, bytes: 2048 }, 'normal')).toBe(
      'deleted 1 object, 2.0 KiB',
    )
  })

  test('tells warnings even when it is quiet', () => {
    expect(describeIn({ kind: 'warning', text: 'look' }, 'quiet')).toBe('warning: look')
    expect(describeIn(started(name), 'quiet')).toBeUndefined()
  })
})

describe('showLines', () => {
  const show = (mode: Mode, ...events: BuildEvent[]) => {
    const stream = fakeStream({ isTTY: false })
    const { report } = showLines(inspectTerminal(stream, {}), mode)
    for (const event of events) report(event)
    return stream.written.join('')
  }
  const steps = [planned('a'), planned('b', { after: ['a'] }), planned('c', fetch)]

  test('closes with a summary when there was more than one thing to do', () => {
    const path = about('c').path
    const loading: BuildEvent[] = [
      started('c', 'fetch'),
      { kind: 'progress', path, bytes: 2048, total: 2048 },
    ]
    const all = [...loading, finished('c', 'fetch'), finished('a'), finished('b')]
    const text = show('normal', { kind: 'planned', steps }, ...all, { kind: 'ended', seconds: 61 })
    expect(text).toMatch(/\n2 builds and 1 fetch done \(2\.0 KiB downloaded\), in 1m01s\n$/)
    expect(show('normal', { kind: 'planned', steps: [planned('a')] }, { kind: 'ended', seconds: 1 })).toBe('')
  })

  test('tells what failed and what was not begun because of it', () => {
    const text = show('normal', { kind: 'planned', steps }, failed('a'), { kind: 'ended', seconds: 1 })
    expect(text).toMatch(/\nnothing done, 1 failed, 2 not begun, in 1\.0s\n$/)
  })

  test('says nothing of all this when it is quiet', () => {
    expect(show('quiet', { kind: 'planned', steps }, failed('a'), { kind: 'ended', seconds: 1 })).toBe('')
  })
})
