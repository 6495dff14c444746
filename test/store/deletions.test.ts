import { statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { deleteObjects, deletionsFile } from '../../store/index.js'
import { add } from '../support/objects.js'
import { temporaryStore } from '../support/store.js'
import { file } from '../support/trees.js'

test('the file of deletions is touched before an object ceases to be valid, and only then', async () => {
  await using store = await temporaryStore()
  const changedAt = (): bigint => statSync(deletionsFile(store.state), { bigint: true }).ctimeNs
  const [one, other] = [await add(store, 'one', file('one')), await add(store, 'other', file('other'))]
  const before = changedAt()
  // More than a tick of the clock of files.
  await delay(20)
  await deleteObjects(store, [])
  await add(store, 'third', file('third'))
  expect(changedAt()).toBe(before)
  await deleteObjects(store, [one.path])
  const between = changedAt()
  expect(between).toBeGreaterThan(before)
  await delay(20)
  await store.database.replaceRecord(other.path, undefined)
  expect(changedAt()).toBeGreaterThan(between)
})
