import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import {
  durationsFile,
  keepDurations,
  measure,
  packageOf,
  readDurations,
  usualOf,
} from '../../../builder/build/durations.js'
import type { BuildEvent } from '../../../builder/index.js'
import { finished, started } from '../../support/events.js'
import { temporaryDirectory } from '../../support/store.js'

test.each([
  ['hello-2.10', 'hello'],
  ['gcc-12.2.0-14+deb12u1', 'gcc'],
  ['util-linux-2.38', 'util-linux'],
  ['no-version', 'no-version'],
  ['libX11-1.8', 'libX11'],
])('packageOf %s is %s', (name, expected) => {
  expect(packageOf(name)).toBe(expected)
})

test('keepDurations() keeps the last five of each package, in the file in golden/durations.json', async () => {
  await using state = await temporaryDirectory()
  for (const seconds of [1, 2, 3, 100, 5, 6.04])
    await keepDurations(state.path, new Map([['hello-2.10', seconds]]))
  await keepDurations(state.path, new Map([['__proto__-1', 9]]))
  const durations = await readDurations(state.path)
  expect(usualOf(durations, 'hello-2.12')).toBe(5)
  expect(usualOf(durations, '__proto__-2')).toBe(9)
  expect(usualOf(durations, 'other-1')).toBeUndefined()
  await expect(await readFile(durationsFile(state.path), 'utf8')).toMatchFileSnapshot(
    '../../golden/durations.json',
  )
})

test.each(['', '{', '{"format":"durations-9","packages":{"a":[1]}}'])(
  'nothing is known from %j',
  async text => {
    await using state = await temporaryDirectory()
    await mkdir(dirname(durationsFile(state.path)))
    await writeFile(durationsFile(state.path), text)
    expect(await readDurations(state.path)).toEqual(new Map())
    await keepDurations(state.path, new Map([['a-1', 1]]))
    expect(await readDurations(state.path)).toEqual(new Map([['a', [1]]]))
  },
)

test('measure() passes everything on, and notes builds that were not suspended', () => {
  const events: BuildEvent[] = []
  let suspend = (_: boolean): void => {}
  const listen = (listener: typeof suspend) => {
    suspend = listener
    return () => {}
  }
  using measuring = measure(event => events.push(event), { listen })
  const all = [started('a'), started('f', 'fetch'), finished('a'), finished('f', 'fetch'), started('b')]
  for (const event of all) measuring.report(event)
  suspend(true)
  measuring.report(finished('b'))
  expect([...measuring.measured.keys()]).toEqual(['a'])
  expect(events).toHaveLength(6)
})
