import headless from '@xterm/headless'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { showLive } from '../../../cli/progress/live.js'
import type { Mode } from '../../../cli/progress/progress.js'
import { inspectTerminal } from '../../../cli/terminal.js'
import { about, failed, finished, planned, started } from '../../support/events.js'
import { fakeStream } from '../../support/stream.js'

beforeEach(
  () =>
    void vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'],
    }),
)
afterEach(() => void vi.useRealTimers())

function view(columns = 80, rows = 24, mode: Mode = 'normal') {
  const stream = fakeStream({ isTTY: true, columns, rows })
  const emulator = new headless.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true })
  let suspend = (_: boolean): void => {}
  const live = showLive(inspectTerminal(stream, { NO_COLOR: '1' }), mode, {
    listen: listener => {
      suspend = listener
      return () => {}
    },
  })
  let seen = 0
  const screen = async (): Promise<string[]> => {
    const text = stream.written.slice(seen).join('')
    seen = stream.written.length
    await new Promise<void>(resolve => {
      emulator.write(text, resolve)
      vi.advanceTimersByTime(0)
    })
    const { active } = emulator.buffer
    const lines = Array.from({ length: active.length }, (_, i) => active.getLine(i)!.translateToString(true))
    while (lines.at(-1) === '') lines.pop()
    return lines
  }
  const resize = async (columns: number, rows: number) => {
    await screen()
    emulator.resize(columns, rows)
    Object.assign(stream, { columns, rows })
    stream.emit('resize')
  }
  return {
    stream,
    ...live,
    screen,
    resize,
    suspend: (is: boolean) => suspend(is),
    text: () => stream.written.join(''),
  }
}

const plan = { kind: 'planned', steps: [planned('a'), planned('b', { after: ['a'] })] } as const
const wait = () => void vi.advanceTimersByTime(400)

describe('the live view', () => {
  test('draws nothing of what is done at once', async () => {
    const { report, screen, text } = view()
    report({ kind: 'planned', steps: [planned('a')] })
    report(started('a'))
    report(finished('a'))
    report({ kind: 'ended', seconds: 0.1 })
    expect(await screen()).toEqual(['built a in 1.0s'])
    expect(text()).not.toContain('\u001b')
  })

  test('stays below what is told meanwhile, in one write a drawing', async () => {
    const { report, screen, stream } = view()
    report(plan)
    report(started('a'))
    wait()
    expect(await screen()).toEqual([
      '· b     waits for 1',
      '└─ ▶ a  0.4s',
      '0/2 built, 1 running, 1 waiting | 0.4s',
    ])
    report({ kind: 'warning', text: 'look' })
    const { length } = stream.written
    report(finished('a'))
    report(started('b'))
    expect(stream.written).toHaveLength(length)
    vi.advanceTimersByTime(100)
    expect(stream.written).toHaveLength(length + 1)
    expect(stream.written.at(-1)).toMatch(/^\u001b\[\?2026h.*\u001b\[\?2026l$/s)
    expect(await screen()).toEqual([
      'warning: look',
      'built a in 1.0s',
      '▶ b  0.1s',
      '1/2 built, 1 running | 0.5s',
    ])
  })

  test('writes nothing while nothing changes', () => {
    const { report, stream } = view()
    report(plan)
    report(started('a'))
    vi.advanceTimersByTime(60_000)
    const { length } = stream.written
    vi.advanceTimersByTime(10_000)
    expect(stream.written.length - length).toBeLessThanOrEqual(21)
  })

  test('leaves its summary and a cursor, and draws no more', async () => {
    const { report, screen, stream, text } = view()
    report(plan)
    report(started('a'))
    wait()
    report(failed('a'))
    report({ kind: 'ended', seconds: 2 })
    expect(await screen()).toEqual(['failed: a', 'nothing done, 1 failed, 1 not begun, in 2.0s'])
    expect(text().lastIndexOf('\u001b[?25h')).toBeGreaterThan(text().lastIndexOf('\u001b[?25l'))
    const { length } = stream.written
    vi.advanceTimersByTime(1000)
    expect(stream.written).toHaveLength(length)
  })

  test.each([
    [120, 24],
    [30, 24],
    [11, 24],
    [30, 8],
  ])('leaves nothing behind when it becomes %d columns wide and %d rows high', async (columns, rows) => {
    const { report, screen, resize } = view()
    report(plan)
    report(started('a'))
    report({ kind: 'line', path: about('a').path, name: 'a', line: `${'long '.repeat(15)}line` })
    wait()
    await resize(columns, rows)
    vi.advanceTimersByTime(100)
    const lines = await screen()
    expect(lines.filter(line => /▶ a/.test(line))).toHaveLength(1)
    report({ kind: 'ended', seconds: 2 })
    expect(await screen()).toHaveLength(columns < 30 ? 4 : columns === 30 ? 2 : 1)
  })

  test('goes away while the command is suspended, and comes back on other lines', async () => {
    const { report, screen, suspend, stream } = view()
    report(plan)
    report(started('a'))
    wait()
    suspend(true)
    expect(await screen()).toEqual([])
    stream.write('$ fg\n')
    vi.advanceTimersByTime(60_000)
    expect(await screen()).toEqual(['$ fg'])
    suspend(false)
    wait()
    expect(await screen()).toEqual([
      '$ fg',
      expect.stringMatching(/^· b/),
      expect.stringMatching(/▶ a +0\.8s/),
      expect.stringMatching(/\| 0\.8s$/),
    ])
    report({ kind: 'ended', seconds: 2 })
  })

  test('shows the lines of builds above it on request', async () => {
    const { report, screen } = view(80, 24, 'logs')
    report(plan)
    report(started('a'))
    wait()
    for (let i = 0; i < 600; i++)
      report({ kind: 'line', path: about('a').path, name: 'a', line: `line ${i}` })
    vi.advanceTimersByTime(100)
    const lines = await screen()
    expect(lines.slice(0, 600)).toEqual(Array.from({ length: 600 }, (_, i) => `a> line ${i}`))
    expect(lines).toHaveLength(603)
    report({ kind: 'ended', seconds: 2 })
  })
})
