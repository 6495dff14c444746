import { lstatSync, readdirSync, writeFileSync } from 'node:fs'
import { chmod, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  collect,
  deleteObjects,
  listValid,
  optimise,
  repair,
  type Store,
  verify,
} from '../../../store/index.js'
import { pruneContents } from '../../../store/optimise/prune.js'
import { add } from '../../support/objects.js'
import { temporaryStore } from '../../support/store.js'
import { directory, file, program } from '../../support/trees.js'

const { signal } = new AbortController()
const share = (store: Store) => optimise(store, { signal, report: () => {} })
const find = (store: Store) => verify(store, { contents: true, signal, report: () => {} })
const text = 'text that is equal'
const inode = (store: Store, path: string): number => lstatSync(join(store.objects, path)).ino

test('optimise() lets equal files of different objects share an inode', async () => {
  await using store = await temporaryStore()
  const a = await add(store, 'a', directory({ deep: directory({ f: file(text) }), run: program(text) }))
  const b = await add(store, 'b', directory({ g: file(text), other: file('other') }))
  const c = await add(store, 'c', file(text))
  expect(await share(store)).toEqual({ objects: 3, saved: 2 * text.length })
  expect(inode(store, `${a.path}/deep/f`)).toBe(inode(store, `${b.path}/g`))
  expect(inode(store, `${a.path}/deep/f`)).toBe(inode(store, c.path))
  expect(inode(store, `${a.path}/run`)).not.toBe(inode(store, c.path))
  expect(await find(store)).toEqual([])
})

test('optimise() tells how far it is after every object', async () => {
  await using store = await temporaryStore()
  for (const name of ['a', 'b', 'c']) await add(store, name, file(text))
  const told: unknown[] = []
  await optimise(store, { signal, report: progress => told.push(progress) })
  expect(told).toEqual([
    { objects: 1, saved: 0, total: 3 },
    { objects: 2, saved: text.length, total: 3 },
    { objects: 3, saved: 2 * text.length, total: 3 },
  ])
})

test('optimise() never lets two files of one object share', async () => {
  await using store = await temporaryStore()
  const a = await add(store, 'a', directory({ 1: file(text), 2: file(text) }))
  const b = await add(store, 'b', directory({ 1: file(text), 2: file(text), 3: file(text) }))
  expect((await share(store)).saved).toBe(2 * text.length)
  expect(inode(store, `${a.path}/1`)).toBe(inode(store, `${b.path}/1`))
  expect(inode(store, `${a.path}/2`)).toBe(inode(store, `${b.path}/2`))
  expect(new Set([1, 2, 3].map(n => inode(store, `${b.path}/${n}`))).size).toBe(3)
})

test('optimise() looks at what is new only, and what no object has any more is let go', async () => {
  await using store = await temporaryStore()
  await add(store, 'a', file(text))
  expect((await share(store)).objects).toBe(1)
  expect((await share(store)).objects).toBe(0)
  const links = join(store.objects, '.links')
  await deleteObjects(store, await listValid(store))
  expect(pruneContents(store)).toBe(text.length)
  expect(readdirSync(links)).toEqual([])
})

test('a damaged file is not spread', async () => {
  await using store = await temporaryStore()
  const a = await add(store, 'a', file(text))
  await share(store)
  await chmod(store.locate(a.path), 0o644)
  writeFileSync(store.locate(a.path), text.toUpperCase())
  await chmod(store.locate(a.path), 0o444)
  await utimes(store.locate(a.path), 1, 1)
  const b = await add(store, 'b', directory({ f: file(text) }))
  expect((await share(store)).saved).toBe(0)
  expect((await find(store)).map(({ kind, path }) => [kind, path])).toEqual([['altered', `/store/${a.path}`]])
  expect(inode(store, `${b.path}/f`)).not.toBe(inode(store, a.path))
})

test('what a crashed optimisation left is set right', async () => {
  await using store = await temporaryStore()
  const a = await add(store, 'a', directory({ f: file(text) }))
  await store.database.mark({ put: { optimising: [a.path] } })
  await chmod(store.locate(a.path), 0o755)
  expect(await find(store)).toHaveLength(1)
  await store.keepAlive([a.path])
  await collect(store, { keepDerivers: true, keepOutputs: false, signal, report: () => {} })
  expect(await find(store)).toEqual([])
  expect(await store.database.listMarks('optimising')).toEqual([])
})

test('repaired metadata stays shared', async () => {
  await using store = await temporaryStore()
  const a = await add(store, 'a', directory({ f: file(text) }))
  const b = await add(store, 'b', directory({ f: file(text) }))
  await share(store)
  await chmod(`${store.locate(a.path)}/f`, 0o640)
  await repair(store, await find(store))
  expect(await find(store)).toEqual([])
  expect(inode(store, `${a.path}/f`)).toBe(inode(store, `${b.path}/f`))
})
