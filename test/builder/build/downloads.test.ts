import { readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tidyDownloads } from '../../../builder/build/downloads.js'
import { temporaryDirectory } from '../../support/store.js'

const NOW = 1_700_000_000

/** Three files of 100 bytes, last used 1, 2 and 3 hours ago. */
async function filled() {
  const temporary = await temporaryDirectory()
  for (const hours of [1, 2, 3]) {
    const file = join(temporary.path, `sha256-${hours}`)
    writeFileSync(file, Buffer.alloc(100))
    utimesSync(file, NOW - hours * 3600, NOW - hours * 3600)
  }
  return temporary
}

test.each([
  [{}, ['sha256-1', 'sha256-2', 'sha256-3']],
  [{ age: 2.5 * 3600 }, ['sha256-1', 'sha256-2']],
  [{ bytes: 200 }, ['sha256-1', 'sha256-2']],
  [{ bytes: 199 }, ['sha256-1']],
  [{ age: 1.5 * 3600, bytes: 0 }, []],
])('with the limits %j the files used last stay', async (limits, left) => {
  await using temporary = await filled()
  expect(await tidyDownloads(temporary.path, limits, NOW)).toBe(3 - left.length)
  expect(readdirSync(temporary.path).sort()).toEqual(left)
})

test('what another command may be fetching stays, with the claim by which it does', async () => {
  await using temporary = await filled()
  const used = { '.part-new': 0.5, '.part-old': 2, '.fetching-new': 0.5, '.fetching-old': 48 }
  for (const [name, hours] of Object.entries(used)) {
    const file = join(temporary.path, name)
    writeFileSync(file, 'x')
    utimesSync(file, NOW - hours * 3600, NOW - hours * 3600)
  }
  expect(await tidyDownloads(temporary.path, { age: 0, bytes: 0 }, NOW)).toBe(4)
  expect(readdirSync(temporary.path).sort()).toEqual(['.fetching-new', '.fetching-old', '.part-new'])
})

test('a folder that is not there has nothing to remove', async () => {
  expect(await tidyDownloads('/nowhere/at/all', { bytes: 0 }, NOW)).toBe(0)
})
