import { chmod, mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStore } from '../../store/index.js'
import { storeOptions, temporaryStore } from '../support/store.js'

test('stage() makes private directories, and removes them with all they contain', async () => {
  await using store = await temporaryStore()
  {
    await using a = await store.stage()
    await using b = await store.stage()
    expect(a.directory).not.toBe(b.directory)
    expect((await stat(a.directory)).mode & 0o777).toBe(0o700)
    await mkdir(join(a.directory, 'x/y'), { recursive: true })
    await chmod(join(a.directory, 'x/y'), 0)
    await chmod(join(a.directory, 'x'), 0o555)
  }
  expect(await readdir(join(store.objects, '.staging'))).toEqual([])
})

test('stage() removes what dead processes left, and nothing that is in use', async () => {
  await using store = await temporaryStore()
  await using used = await store.stage()
  const staging = join(store.objects, '.staging')
  await mkdir(join(staging, '1-dead/x'), { recursive: true })
  await writeFile(join(staging, '1-dead.lock'), '')
  await writeFile(join(staging, '2-dead.lock'), '')
  await mkdir(join(staging, '3-dead'))
  await using other = await openStore(storeOptions(store.directory))
  await using stage = await other.stage()
  const expected = [used, stage].flatMap(({ directory }) => [directory, `${directory}.lock`])
  expect((await readdir(staging)).map(name => join(staging, name)).sort()).toEqual(expected.sort())
})
