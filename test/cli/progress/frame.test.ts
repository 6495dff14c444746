import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BuildEvent, PlannedStep } from '../../../builder/index.js'
import { drawFrame, formatElapsed } from '../../../cli/progress/frame.js'
import { emptyView, update } from '../../../cli/progress/state.js'
import { displayWidth } from '../../../cli/progress/width.js'
import { about, failed, finished, planned, started } from '../../support/events.js'

const plain = { columns: 80, rows: 24, colour: false, unicode: true }

/** What is seen at `now`, after events that all came at 0. */
function draw(events: readonly BuildEvent[], now = 0, canvas = plain): readonly string[] {
  const view = emptyView(0)
  for (const event of events) update(view, event, 0)
  return drawFrame(view, now, canvas)
}

const steps = [
  planned('a.tar', { work: 'fetch' }),
  planned('ncurses-6.4', { usual: 62 }),
  planned('readline-8.2', { after: ['ncurses-6.4'] }),
  planned('zlib-1.3', { after: ['a.tar'] }),
  planned('sqlite-3.40', { after: ['readline-8.2', 'zlib-1.3'] }),
]
const plan: BuildEvent = { kind: 'planned', steps }
const ncurses = about('ncurses-6.4').path

describe('drawFrame', () => {
  test('shows the tree of what builds and waits, the downloads and the totals', () => {
    const events: BuildEvent[] = [
      plan,
      started('ncurses-6.4'),
      { kind: 'phase', path: ncurses, phase: 'build' },
      { kind: 'line', path: ncurses, name: 'ncurses-6.4', line: '\tgcc  -c\u001b[1m lib_日本.c' },
      started('a.tar', 'fetch'),
      { kind: 'progress', path: about('a.tar').path, bytes: 1 << 20, total: 4 << 20 },
    ]
    expect(draw(events, 8.44)).toEqual([
      '· sqlite-3.40        waits for 2',
      '├─ · readline-8.2    waits for 1',
      '│  └─ ▶ ncurses-6.4  build  8.4s  of about 1m02s  gcc -c lib_日本.c',
      '└─ · zlib-1.3        waits for 1',
      '↓ a.tar  1.0 MiB of 4.0 MiB  121.3 KiB/s  8.4s',
      '0/4 built, 1 running, 3 waiting | 0/1 fetched (1.0 MiB, 121.3 KiB/s) | 8.4s',
    ])
  })

  test('shows why a download does not come on, until it does', () => {
    const { path } = about('a.tar')
    const retrying: BuildEvent = {
      kind: 'retrying',
      path,
      url: 'http://h/a.tar',
      reason: 'the connection was refused',
      seconds: 2,
    }
    const broken = [plan, started('a.tar', 'fetch'), retrying]
    const rowOf = (events: readonly BuildEvent[]) => draw(events, 8.44).find(line => line.startsWith('↓'))
    expect(rowOf(broken)).toBe('↓ a.tar  retrying  8.4s  http://h/a.tar: the connection was refused')
    const more: BuildEvent = { kind: 'progress', path, bytes: 1 << 20, total: undefined }
    expect(rowOf([...broken, more])).toMatch(/^↓ a\.tar {2}1\.0 MiB {2}\S+ KiB\/s {2}8\.4s$/)
  })

  test('shows how far a collection is that makes room, until it is done', () => {
    const progress = {
      step: 'delete it',
      marked: { found: 3000, live: 1000 },
      swept: { objects: 500, bytes: 1 << 20, doomed: 4 << 20 },
    }
    const collecting: BuildEvent = { kind: 'collecting', progress }
    const lines = draw([plan, started('ncurses-6.4'), collecting])
    expect(lines.slice(-3)).toEqual([
      '3,000 objects found, 1,000 live, 2,000 dead',
      '500 deleted, 1.0 MiB freed, 1,500 remaining, 3.0 MiB',
      '0/4 built, 1 running, 3 waiting | 0/1 fetched | 0.0s',
    ])
    expect(draw([plan, collecting], 0, { ...plain, rows: 3 })).toHaveLength(2)
    expect(draw([plan, collecting, { kind: 'collected', objects: 2000, bytes: 4 << 20 }])).toEqual(
      draw([plan]),
    )
  })

  test('shows what failed until the end, and counts what is lost by it', () => {
    const lines = draw([plan, failed('ncurses-6.4'), started('zlib-1.3')])
    expect(lines).toEqual([
      '✗ ncurses-6.4  failed',
      '▶ zlib-1.3     0.0s',
      '0/4 built, 1 running, 2 lost | 0/1 fetched, 1 failed | 0.0s',
    ])
  })

  test('leaves what only waits out when there is no room for all', () => {
    const many = Array.from({ length: 30 }, (_, i) => planned(`p${i}`))
    const all = planned('all', { after: many.map(({ name }) => name) })
    const lines = draw([{ kind: 'planned', steps: [...many, all] }, started('p7'), started('p9')])
    expect(lines.map(line => line.replace(/ {2}.*/, ''))).toEqual([
      '· all',
      '├─ ▶ p7',
      '└─ ▶ p9',
      expect.any(String),
    ])
  })

  test('says how many there are when not even those that run have room', () => {
    const many = Array.from({ length: 50 }, (_, i) => planned(`p${i}`))
    const lines = draw([{ kind: 'planned', steps: many }, ...many.map(({ name }) => started(name))])
    expect(lines).toHaveLength(15)
    expect(lines.at(-2)).toBe('… and 37 more')
  })

  test('does not branch where there is no room for it', () => {
    const lines = draw([plan, started('ncurses-6.4')], 5, { ...plain, columns: 20 })
    expect(lines).toEqual(['▶ ncurses-6.4  5.0s', '0/5, 5.0s'])
  })

  test('draws with ASCII where nothing else can be shown', () => {
    const lines = draw([plan, started('ncurses-6.4'), started('a.tar', 'fetch')], 1, {
      ...plain,
      unicode: false,
    })
    expect(lines.join('')).toMatch(/^[ -~]+$/)
  })

  test('forgets a speed when a download stalls', () => {
    const view = emptyView(0)
    update(view, plan, 0)
    update(view, started('a.tar', 'fetch'), 0)
    for (let i = 1; i <= 20; i++)
      update(view, { kind: 'progress', path: about('a.tar').path, bytes: i << 20, total: undefined }, i / 2)
    const speedAt = (now: number) => / ([\d.]+ \w+)\/s/.exec(drawFrame(view, now, plain).at(-1)!)?.[1]
    expect(speedAt(10)).toBe('2.0 MiB')
    expect(Number.parseFloat(speedAt(1000)!)).toBeLessThan(20)
  })

  test('has no line wider than the terminal, and fewer lines than it has rows', () => {
    const name = fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' })
    const work = fc.constantFrom('build', 'fetch', 'unpack' as const)
    const graph = fc.array(fc.record({ name, work, needs: fc.array(fc.nat(), { maxLength: 3 }) }), {
      maxLength: 40,
    })
    const happening = fc.record({
      step: fc.nat(),
      kind: fc.constantFrom(
        'started',
        'finished',
        'failed',
        'waiting',
        'found',
        'stopped',
        'line',
        'phase',
        'progress',
      ),
      text: fc.string({ unit: 'grapheme', maxLength: 200 }),
      bytes: fc.nat(),
    })
    const canvas = fc.record({
      columns: fc.integer({ min: 1, max: 120 }),
      rows: fc.integer({ min: 1, max: 50 }),
      colour: fc.boolean(),
      unicode: fc.boolean(),
    })
    fc.assert(
      fc.property(graph, fc.array(happening, { maxLength: 80 }), canvas, (nodes, happenings, canvas) => {
        const steps = nodes.map(
          ({ name, work, needs }, i): PlannedStep => ({
            ...about(`${i}`, work as PlannedStep['work']),
            name,
            needs: i === 0 ? [] : needs.map(n => about(`${n % i}`).path),
            usual: i % 2 === 0 ? i : undefined,
          }),
        )
        const view = emptyView(0)
        update(view, { kind: 'planned', steps }, 0)
        for (const [i, { step, kind, text, bytes }] of happenings.entries()) {
          const one = steps[step % Math.max(1, steps.length)]
          if (one)
            update(
              view,
              {
                ...one,
                kind,
                line: text,
                phase: text.replace(/\p{C}/gu, ''),
                bytes,
                total: bytes,
              } as unknown as BuildEvent,
              i,
            )
        }
        const lines = drawFrame(view, happenings.length + 0.5, canvas)
        expect(lines.length).toBeLessThan(Math.max(2, canvas.rows))
        for (const line of lines)
          expect(displayWidth(stripVTControlCharacters(line))).toBeLessThan(Math.max(1, canvas.columns) + 0.5)
      }),
      { numRuns: 300 },
    )
  })
})

test('draws a graph of 5,000 builds', () => {
  const steps = Array.from({ length: 5000 }, (_, i) =>
    planned(`p${i}`, { after: i === 0 ? [] : [`p${i - 1}`, `p${Math.floor(i / 2)}`] }),
  )
  const lines = draw([{ kind: 'planned', steps }, finished('p0'), started('p1')])
  expect(lines).toEqual(['▶ p1  0.0s', '1/5000 built, 1 running, 4998 waiting | 0.0s'])
})

test.each([
  [0, '0.0s'],
  [9.94, '9.9s'],
  [9.96, '10s'],
  [59.6, '1m00s'],
  [83.4, '1m23s'],
  [3725, '1h02m'],
])('formatElapsed writes %d as %s', (seconds, text) => {
  expect(formatElapsed(seconds)).toBe(text)
})
