import { chmodSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { digestOf, type Store } from '../../../store/index.js'
import { digestOnce, fingerprint } from '../../../store/object/known.js'
import { temporaryStore } from '../../support/store.js'
import { directory, file, symlink, writeTree } from '../../support/trees.js'

const how = { method: 'nar', algorithm: 'blake3' } as const

/** A digest of nothing in particular, and how often it was asked for. */
function counted() {
  const asked = { times: 0 }
  const hash = async () => digestOf('blake3', `${asked.times++}`)
  return { asked, hash }
}

const remembered = (store: Store): string[] => readdirSync(join(store.state, 'cache/adds-1'))

test('a tree at rest is hashed once', async () => {
  await using store = await temporaryStore()
  const tree = join(store.directory, 'tree')
  writeTree(tree, directory({ a: file('a'), b: directory({ c: symlink('../a') }) }))
  await delay(2100)
  const { asked, hash } = counted()
  const digest = await digestOnce(store, tree, how, hash)
  expect(await digestOnce(store, tree, how, hash)).toEqual(digest)
  expect(asked.times).toBe(1)
  writeFileSync(join(store.state, 'cache/adds-1', remembered(store)[0]!), '')
  expect(await digestOnce(store, tree, how, hash)).not.toEqual(digest)
})

test('a tree that has just changed is not remembered: it may change again within one tick', async () => {
  await using store = await temporaryStore()
  const tree = join(store.directory, 'file')
  const { asked, hash } = counted()
  for (let i = 0; i < 20; i++) {
    writeFileSync(tree, `${i % 10}`)
    utimesSync(tree, 1, 1)
    await digestOnce(store, tree, how, hash)
  }
  expect(asked.times).toBe(20)
})

test('every change shows in the fingerprint', async () => {
  await using store = await temporaryStore()
  const tree = join(store.directory, 'tree')
  writeTree(tree, directory({ a: file('a'), b: directory() }))
  const seen = new Set([fingerprint(tree, 'nar', 'blake3').key])
  const changes = [
    () => chmodSync(join(tree, 'a'), 0o700),
    () => writeFileSync(join(tree, 'a'), 'b'),
    () => utimesSync(join(tree, 'a'), 5, 5),
    () => writeFileSync(join(tree, 'b/c'), ''),
  ]
  for (const change of changes) {
    await delay(20)
    change()
    seen.add(fingerprint(tree, 'nar', 'blake3').key)
  }
  seen.add(fingerprint(tree, 'nar', 'sha256').key)
  expect(seen.size).toBe(changes.length + 2)
})

test('a tree that changes while it is hashed is not remembered', async () => {
  await using store = await temporaryStore()
  const tree = join(store.directory, 'file')
  writeTree(tree, file('a'))
  await delay(2100)
  const { asked, hash } = counted()
  const meddling = async () => {
    writeFileSync(tree, 'b')
    return hash()
  }
  await digestOnce(store, tree, how, meddling)
  await digestOnce(store, tree, how, hash)
  expect(asked.times).toBe(2)
})
