import { linkSync, lstatSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStore, optimise, type Store, systemCode, verify } from '../../store/index.js'
import { add } from '../support/objects.js'
import { storeOptions, temporaryStore } from '../support/store.js'
import { file } from '../support/trees.js'

const options = { signal: new AbortController().signal, report: () => {} }
const inode = (store: Store, path: string): number => lstatSync(join(store.objects, path)).ino

/** Gives `path` as many names as a file can have; false when the file system sets no limit that is near. */
function exhaustNames(path: string, folder: string): boolean {
  mkdirSync(folder)
  try {
    for (let n = 0; n < 70_000; n++) linkSync(path, join(folder, `${n}`))
    return false
  } catch (error) {
    if (systemCode(error) !== 'EMLINK') throw error
    return true
  }
}

test('content that has all the names a file can have goes on with another file', async ({ skip }) => {
  await using store = await temporaryStore()
  await using optimising = await openStore({ ...storeOptions(store.directory), optimises: true })
  const content = file('text that is equal')
  const a = await add(store, 'a', content)
  await optimise(store, options)
  const links = join(store.objects, '.links')
  if (!exhaustNames(join(links, readdirSync(links)[0]!), join(store.directory, 'names')))
    return skip('this file system lets a file have 70,000 names')
  const b = await add(optimising, 'b', content)
  expect(inode(store, b.path)).not.toBe(inode(store, a.path))
  const c = await add(store, 'c', content)
  expect(await optimise(store, options)).toEqual({ objects: 1, saved: 18 })
  expect(inode(store, c.path)).toBe(inode(store, b.path))
  expect(await verify(store, { ...options, contents: true })).toEqual([])
})
