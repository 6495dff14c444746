import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { computeEpoch, firstEpoch, lastEpoch } from '../../../builder/fetch/epoch.js'
import { golden, scratch, tarOf } from './support.js'

const sources = { kind: 'sources' } as const

test('is the newest time of all sources', async () => {
  const epoch = await computeEpoch(sources, [golden('note.gz'), golden('tiny.tar.xz'), golden('note.xz')])
  expect(epoch).toBe(Date.parse('2015-06-07T08:09:10Z') / 1000)
})

test('is the first of 1980 when no source has a time', async () => {
  expect(await computeEpoch(sources, [])).toBe(315_532_800)
  expect(await computeEpoch(sources, [golden('note.xz')])).toBe(315_532_800)
})

test('does not look into a directory or behind a symlink', async () => {
  await using directory = await scratch()
  await mkdir(join(directory.path, 'tree'))
  await writeFile(join(directory.path, 'tree/a.tar'), await tarOf([{ name: 'a' }]))
  await symlink(golden('note.gz'), join(directory.path, 'link'))
  expect(await computeEpoch(sources, [join(directory.path, 'tree'), join(directory.path, 'link')])).toBe(
    firstEpoch,
  )
})

test.each([
  [0, firstEpoch],
  [firstEpoch + 1, firstEpoch + 1],
  [lastEpoch, lastEpoch],
  [2 ** 33 - 1, lastEpoch],
])('keeps %d within 1980 and 2037', async (seconds, epoch) => {
  await using directory = await scratch()
  const file = join(directory.path, 'a.tar')
  await writeFile(file, await tarOf([{ name: 'a', seconds: 1, pax: { mtime: String(seconds) } }]))
  expect(await computeEpoch(sources, [file])).toBe(epoch)
  expect(await computeEpoch({ kind: 'fixed', seconds }, [])).toBe(epoch)
})

test('ends with the last second of 2037', () => {
  expect(new Date(lastEpoch * 1000).toISOString()).toBe('2037-12-31T23:59:59.000Z')
})
