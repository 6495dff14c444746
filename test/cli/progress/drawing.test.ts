import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openDrawing } from '../../../cli/progress/drawing.js'
import { fakeStream } from '../../support/stream.js'

beforeEach(
  () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }),
)
afterEach(() => void vi.useRealTimers())

test('a drawing that is started twice is drawn once, and not after it was stopped', () => {
  const stream = fakeStream({ isTTY: true, columns: 20, rows: 24 })
  const draw = vi.fn(() => ['a line'])
  const drawing = openDrawing(stream, draw)
  drawing.start()
  drawing.start()
  vi.advanceTimersByTime(350)
  expect(draw).toHaveBeenCalledTimes(1)
  drawing.start()
  vi.advanceTimersByTime(100)
  expect(draw).toHaveBeenCalledTimes(2)
  drawing.stop()
  vi.advanceTimersByTime(5000)
  expect(draw).toHaveBeenCalledTimes(2)
  expect(stream.listenerCount('resize')).toBe(0)
})
