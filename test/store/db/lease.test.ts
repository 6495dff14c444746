import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Lease, makeLease } from '../../../store/db/lease.js'
import { isWanted } from '../../../store/db/waiters.js'
import { makeKeeper } from '../../../store/keeper.js'
import { keeperProgram, temporaryDirectory } from '../../support/store.js'

/** Two leases of one database, as two commands have them. */
async function twoLeases() {
  const directory = await temporaryDirectory()
  const keeper = makeKeeper(keeperProgram)
  const database = join(directory.path, 'db')
  const place = { directory: database, mayBeAbsent: () => true }
  const leases = [makeLease(place, keeper), makeLease(place, keeper)] as const
  return {
    database,
    leases,
    [Symbol.asyncDispose]: async () => {
      for (const lease of leases) await lease.release()
      await keeper[Symbol.asyncDispose]()
      await directory[Symbol.asyncDispose]()
    },
  }
}

const read = (lease: Lease) => lease.use(({ infos }) => infos.keys().all())

test('a lease that rests, and one that is used all the time, let others have the database', async () => {
  await using it = await twoLeases()
  const [one, other] = it.leases
  await read(one)
  await read(other)
  let isDone = false
  const busy = (async () => {
    while (!isDone) await read(one)
  })()
  await read(other)
  isDone = true
  await busy
  expect(isWanted(it.database)).toBe(false)
})

test('uses that follow each other share one opening of the database', async () => {
  await using it = await twoLeases()
  const [lease] = it.leases
  const opened = await lease.use(async tables => tables)
  for (let i = 0; i < 50; i++) expect(await lease.use(async tables => tables)).toBe(opened)
})

test('what a waiter left that was killed keeps nobody waiting, and goes', async () => {
  await using directory = await temporaryDirectory()
  const database = join(directory.path, 'db')
  mkdirSync(`${database}.waiting`)
  writeFileSync(join(`${database}.waiting`, '4194305.0'), '')
  expect(isWanted(database)).toBe(false)
  expect(readdirSync(`${database}.waiting`)).toEqual([])
  writeFileSync(join(`${database}.waiting`, `${process.pid}.0`), '')
  expect(isWanted(database)).toBe(true)
})
