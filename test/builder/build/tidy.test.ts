import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { logFile } from '../../../builder/build/log.js'
import { tidy } from '../../../builder/build/tidy.js'
import { rememberTime } from '../../../builder/build/times.js'
import { evaluationsFolder } from '../../../builder/lower/remember.js'
import { openStore } from '../../../store/index.js'
import { anyPath, commit } from '../../support/objects.js'
import { storeOptions, temporaryStore } from '../../support/store.js'
import { file } from '../../support/trees.js'

const DAY = 24 * 3600

test('tidy() removes logs whose derivation is gone, and those that nobody goes on writing', async () => {
  await using store = await temporaryStore()
  const [live, dead] = [anyPath('live.drv'), anyPath('dead.drv')]
  await commit(store, { [live]: file('live') })
  const needed = [logFile(store.state, live), `${logFile(store.state, dead)}.${process.pid}`]
  const stale = [logFile(store.state, dead), `${logFile(store.state, live)}.${2 ** 22 + 1}`]
  for (const log of [...needed, ...stale]) {
    await mkdir(dirname(log), { recursive: true })
    await writeFile(log, '')
  }
  expect(await tidy(store)).toMatchObject({ logs: 2, failed: 0 })
  const left = await readdir(join(store.state, 'log'), { recursive: true, withFileTypes: true })
  expect(
    left
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name))
      .sort(),
  ).toEqual(needed.sort())
})

test('tidy() forgets times of sources that are gone, and those that nobody goes on writing', async () => {
  await using store = await temporaryStore()
  const [live, dead] = [anyPath('live'), anyPath('dead')]
  await commit(store, { [live]: file('live') })
  for (const source of [live, dead]) await rememberTime(store, source, 1)
  const folder = join(store.state, 'cache/times-1')
  const growing = `.${dead}.${process.pid}`
  for (const name of [growing, `.${live}.${2 ** 22 + 1}`]) await writeFile(join(folder, name), '')
  await tidy(store)
  expect((await readdir(folder)).sort()).toEqual([growing, live].sort())
})

test('tidy() leaves the folder in which a build is about to open its log', async () => {
  await using store = await temporaryStore()
  const folder = dirname(logFile(store.state, anyPath('live.drv')))
  await mkdir(folder, { recursive: true })
  await tidy(store)
  expect(await readdir(folder)).toEqual([])
})

test.each([
  [6, 0],
  [8, 1],
])('tidy() after %i days removes %i failed builds', async (days, failed) => {
  await using store = await temporaryStore()
  await mkdir(join(store.objects, '.failed/hello-0/below'), { recursive: true, mode: 0o700 })
  const clock = () => Date.now() / 1000 + days * DAY
  await using later = await openStore({ ...storeOptions(store.directory), clock })
  expect(await tidy(later)).toMatchObject({ logs: 0, failed })
})

test.each([
  [29, 0],
  [31, 1],
])('tidy() after %i days removes %i remembered evaluations', async (days, evaluations) => {
  await using store = await temporaryStore()
  const folder = evaluationsFolder(store.state)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'a'), '')
  const clock = () => Date.now() / 1000 + days * DAY
  await using later = await openStore({ ...storeOptions(store.directory), clock })
  expect(await tidy(later)).toMatchObject({ evaluations })
})
