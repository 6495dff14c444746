import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DatabaseDamaged, listValid, NewerStore, NoPlace, openStore } from '../../store/index.js'
import { add } from '../support/objects.js'
import { storeOptions, temporaryDirectory, temporaryStore } from '../support/store.js'
import { file } from '../support/trees.js'

test('openStore() makes the directories it needs', async () => {
  await using store = await temporaryStore()
  expect(await readFile(join(store.state, 'version'), 'utf8')).toBe('1\n')
  expect(await listValid(store)).toEqual([])
})

test.each(['/proc/nowhere', '/dev/null/below', '/proc/self/fdinfo/x'])(
  'openStore() refuses %s',
  async place => {
    await expect(openStore(storeOptions(place))).rejects.toThrow(NoPlace)
  },
)

test('openStore() refuses a store of a newer version', async () => {
  await using temporary = await temporaryDirectory()
  const options = storeOptions(temporary.path)
  await mkdir(options.state)
  await writeFile(join(options.state, 'version'), '2\n')
  await expect(openStore(options)).rejects.toThrow(NewerStore)
})

test('a store that is closed twice, or was never used, closes', async () => {
  await using store = await temporaryStore()
  await using other = await openStore(storeOptions(store.directory))
  await other[Symbol.asyncDispose]()
})

test('two stores of one process share a directory', async () => {
  await using store = await temporaryStore()
  await using other = await openStore(storeOptions(store.directory))
  const [a, b] = await Promise.all([add(store, 'a', file('a')), add(other, 'b', file('b'))])
  expect(await listValid(store)).toEqual([a.path, b.path].sort())
  await store.suspend()
  expect(await listValid(other)).toEqual([a.path, b.path].sort())
  expect(await listValid(store)).toEqual([a.path, b.path].sort())
})

test('a database that cannot be read is reported as such', async () => {
  await using store = await temporaryStore()
  await add(store, 'a', file('a'))
  await store.suspend()
  await writeFile(join(store.state, 'db-1/CURRENT'), 'garbage')
  await expect(listValid(store)).rejects.toThrow(DatabaseDamaged)
})
