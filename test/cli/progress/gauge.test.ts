import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { showGauge } from '../../../cli/progress/gauge.js'
import { inspectTerminal } from '../../../cli/terminal.js'
import { fakeStream } from '../../support/stream.js'

beforeEach(
  () =>
    void vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'],
    }),
)
afterEach(() => void vi.useRealTimers())

function gauge(isTTY: boolean) {
  const stream = fakeStream({ isTTY, columns: 20, rows: 24 })
  let suspend = (_: boolean): void => {}
  const shown = showGauge(inspectTerminal(stream, {}), {
    listen: listener => {
      suspend = listener
      return () => {}
    },
  })
  return {
    show: (text: string) => shown.show(() => text),
    end: () => shown[Symbol.dispose](),
    suspend: (is: boolean) => suspend(is),
    stream,
  }
}

describe('in a pipe, the gauge', () => {
  test('says nothing of what is done at once', () => {
    const { show, end, stream } = gauge(false)
    show('1 of 3')
    vi.advanceTimersByTime(200)
    show('2 of 3')
    end()
    vi.advanceTimersByTime(5000)
    expect(stream.written).toEqual([])
  })

  test('says a line within the first second, and then one a second that is new', () => {
    const { show, stream } = gauge(false)
    for (let i = 0; i < 250; i++) {
      show(`${i} of 250`)
      vi.advanceTimersByTime(10)
    }
    vi.advanceTimersByTime(5000)
    expect(stream.written).toEqual(['29 of 250\n', '129 of 250\n', '229 of 250\n', '249 of 250\n'])
  })

  test('needs no timer to have its turn', () => {
    const { show, stream } = gauge(false)
    show('1 of 3')
    const now = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 2000)
    show('2 of 3')
    now.mockRestore()
    expect(stream.written).toEqual(['2 of 3\n'])
  })
})

describe('on a terminal, the gauge', () => {
  test('is lines that fit, redrawn, and gone in the end', () => {
    const { show, end, stream } = gauge(true)
    show('first')
    vi.advanceTimersByTime(400)
    show('a text of more than twenty columns\nbelow it')
    vi.advanceTimersByTime(100)
    expect(stream.written.join('')).toContain('a text of more tha…')
    expect(stream.written.join('')).toMatch(/tha….*\n.*below it/)
    expect(stream.written.join('')).not.toContain('twenty')
    end()
    expect(stream.written.at(-1)).toContain('\u001b[?25h')
    const { length } = stream.written
    vi.advanceTimersByTime(5000)
    expect(stream.written).toHaveLength(length)
  })

  test('goes away while the command is suspended', () => {
    const { show, suspend, stream, end } = gauge(true)
    show('first')
    vi.advanceTimersByTime(400)
    suspend(true)
    expect(stream.written.at(-1)).toContain('\u001b[?25h')
    const { length } = stream.written
    vi.advanceTimersByTime(5000)
    expect(stream.written).toHaveLength(length)
    suspend(false)
    vi.advanceTimersByTime(400)
    expect(stream.written.at(-1)).toContain('first')
    end()
  })
})
