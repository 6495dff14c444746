import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { BuildEvent } from '../../builder/index.js'
import { count, describeEvent } from '../../cli/progress/lines.js'
import { showProgress } from '../../cli/progress/progress.js'
import { inspectTerminal } from '../../cli/terminal.js'
import { anyPath } from '../support/objects.js'
import { fakeStream } from '../support/stream.js'

const pipe = inspectTerminal(fakeStream({ isTTY: false }), {})
const path = anyPath('hello')
const name = 'hello-2.10'
const started: BuildEvent = { kind: 'started', path, name, work: 'build' }
const finished: BuildEvent = { kind: 'finished', path, name, work: 'build', seconds: 83.4 }

describe('describeEvent', () => {
  const describeIn = (event: BuildEvent, mode: 'quiet' | 'logs' | 'normal' = 'normal') =>
    describeEvent(event, pipe, mode)

  test.each([
    [started, 'building hello-2.10'],
    [finished, 'built hello-2.10 in 1m23s'],
    [{ kind: 'failed', path, name, work: 'build' }, 'failed: hello-2.10'],
    [{ kind: 'started', path, name: 'a.tar', work: 'fetch' }, 'fetching a.tar'],
    [{ kind: 'finished', path, name: 'a.deb', work: 'unpack', seconds: 0.5 }, 'unpacked a.deb in 0.5s'],
    [{ kind: 'waiting', path, name }, 'waiting for another command that makes hello-2.10'],
    [{ kind: 'planned', builds: 2, fetches: 1 }, '2 builds and 1 fetch to do'],
    [{ kind: 'planned', builds: 3, fetches: 0 }, '3 builds to do'],
    [{ kind: 'planned', builds: 0, fetches: 2 }, '2 fetches to do'],
    [{ kind: 'planned', builds: 1, fetches: 0 }, undefined],
    [{ kind: 'phase', path, phase: 'check' }, undefined],
    [{ kind: 'line', path, name, line: 'PASS' }, undefined],
  ] satisfies [BuildEvent, string | undefined][])('%j', (event, line) => {
    expect(describeIn(event)).toBe(line)
  })

  test('shows the lines of builds on request, without what could move the cursor', () => {
    const line: BuildEvent = { kind: 'line', path, name, line: '\u001b[1mPASS\u001b[2K' }
    expect(describeIn(line, 'logs')).toBe('hello-2.10> PASS')
  })

  test('tells warnings even when it is quiet', () => {
    expect(describeIn({ kind: 'warning', text: 'look' }, 'quiet')).toBe('warning: look')
    expect(describeIn(started, 'quiet')).toBeUndefined()
  })
})

test('count knows the plural', () => {
  expect([count(1, 'fetch'), count(2, 'fetch'), count(0, 'build')]).toEqual([
    '1 fetch',
    '2 fetches',
    '0 builds',
  ])
})

describe('the live view', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  const view = (columns: number, rows = 24, env: NodeJS.ProcessEnv = { NO_COLOR: '1' }) => {
    const stream = fakeStream({ isTTY: true, columns, rows })
    const progress = showProgress(inspectTerminal(stream, env), 'normal')
    return { stream, progress, text: () => stream.written.join('') }
  }
  /** What stands on the screen when it was drawn last. */
  const lastDrawing = (text: string): string[] => text.split('\u001b[J').at(-1)!.split('\n').slice(0, -1)

  test('shows what is built, its phase, its time and the counts', () => {
    const { progress, text } = view(80)
    progress.report({ kind: 'planned', builds: 2, fetches: 0 })
    progress.report(started)
    progress.report({ kind: 'phase', path, phase: 'check' })
    vi.advanceTimersByTime(2000)
    expect(lastDrawing(text())).toEqual([
      expect.stringMatching(/^▶ hello-2\.10 {2}check {2}\d\.\ds$/),
      '0/2 builds, 0/0 fetches',
    ])
    progress.report(finished)
    progress.end()
    expect(text()).toMatch(/\u001b\[2F\u001b\[Jbuilt hello-2\.10 in 1m23s\n/)
  })

  test('shows bytes and speed of downloads', () => {
    const { progress, text } = view(80)
    progress.report({ kind: 'started', path, name: 'a.tar', work: 'fetch' })
    vi.advanceTimersByTime(2000)
    progress.report({ kind: 'progress', path, bytes: 2 ** 20, total: 2 ** 22 })
    vi.advanceTimersByTime(100)
    expect(lastDrawing(text())[0]).toMatch(/^↓ a\.tar {2}1\.0 MiB of 4\.0 MiB \S+ KiB\/s {2}\d\.\ds$/)
    progress.end()
  })

  test.each([1, 5, 12, 20, 40])('never wraps a line on %d columns', columns => {
    const { progress, text } = view(columns)
    progress.report({ kind: 'planned', builds: 100, fetches: 100 })
    progress.report({ ...started, name: 'a-package-with-a-very-long-name-1.2.3' })
    vi.advanceTimersByTime(100)
    for (const line of lastDrawing(text()))
      expect(line.length, line).toBeLessThanOrEqual(Math.max(1, columns))
    progress.end()
  })

  test('never draws more lines than the terminal has', () => {
    const { progress, text } = view(80, 6)
    for (let i = 0; i < 20; i++) progress.report({ ...started, path: anyPath(`p${i}`), name: `p${i}` })
    vi.advanceTimersByTime(100)
    expect(lastDrawing(text()).length).toBeLessThan(6)
    progress.end()
  })

  test('leaves a clean screen at the end, and draws no more', () => {
    const { stream, progress } = view(80)
    progress.report(started)
    vi.advanceTimersByTime(100)
    progress.end()
    expect(stream.written.at(-1)).toMatch(/\u001b\[J$/)
    const { length } = stream.written
    vi.advanceTimersByTime(1000)
    expect(stream.written.length).toBe(length)
  })
})
