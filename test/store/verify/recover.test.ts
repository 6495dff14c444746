import { chmodSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Level } from 'level'
import { expect, test } from 'vitest'
import {
  collect,
  findInfo,
  listValid,
  openStore,
  recoverDatabase,
  repair,
  replaceObject,
  type Store,
  settleTree,
  verify,
} from '../../../store/index.js'
import { anyPath, commit } from '../../support/objects.js'
import { storeOptions, temporaryStore } from '../../support/store.js'
import { directory, file, writeTree } from '../../support/trees.js'

const [lib, app] = [anyPath('lib'), anyPath('app')]
const { signal } = new AbortController()
const report = () => {}
const find = (store: Store) => verify(store, { contents: true, signal, report })

async function filled(): Promise<Awaited<ReturnType<typeof temporaryStore>>> {
  const store = await temporaryStore()
  await commit(store, { [lib]: directory({ text: file('some text') }) })
  await commit(store, { [app]: file(`${lib} ${app}`) }, [lib], anyPath('app.drv'))
  return store
}

async function damageRecord(store: Store, path: string): Promise<void> {
  await store.database.release()
  const level = new Level<string, string>(join(store.state, 'db-1'))
  await level.sublevel('infos').put(path, '{"narHash":"blake3:')
  await level.close()
}

test('repair() makes a damaged record anew from the files and the indices', async () => {
  await using store = await filled()
  const before = await findInfo(store, app)
  await damageRecord(store, app)
  await expect(findInfo(store, app)).rejects.toMatchObject({ code: 'DAMAGED_RECORD' })
  await expect(collectIn(store)).rejects.toMatchObject({ code: 'DAMAGED_RECORD' })
  await repair(store, await find(store))
  expect(await findInfo(store, app)).toEqual({ ...before, provenance: { recovered: 'from its files' } })
  expect(await find(store)).toEqual([])
})

test('repair() drops a damaged record without files', async () => {
  await using store = await filled()
  await damageRecord(store, app)
  await store.keeper.remove(store.locate(app))
  await repair(store, await find(store))
  expect(await listValid(store)).toEqual([lib])
  expect(await find(store)).toEqual([])
})

/** Damages or removes the files of the database whose names contain `what`. */
async function damageDatabase(store: Store, what: string): Promise<void> {
  await store.database.release()
  const db = join(store.state, 'db-1')
  for (const name of readdirSync(db)) {
    if (what === 'everything') writeFileSync(join(db, name), 'nonsense')
    else if (name.includes(what)) rmSync(join(db, name))
  }
}

const recover = (store: Store, seen = report) => recoverDatabase(store, signal, seen)
const collectIn = (store: Store) => collect(store, { keepDerivers: true, keepOutputs: false, signal, report })

test.each(['CURRENT', 'MANIFEST-', 'everything'])('a database without %s is made anew', async what => {
  await using store = await filled()
  await damageDatabase(store, what)
  await using again = await openStore(storeOptions(store.directory))
  expect((await recover(again)).recovered).toHaveLength(what === 'everything' ? 2 : 0)
  expect(await listValid(again)).toEqual([app, lib].sort())
  expect((await findInfo(again, app))?.references).toEqual([app, lib].sort())
  expect(await find(again)).toEqual([])
  expect((await recover(again)).recovered).toEqual([])
})

test('rescue() lets nobody use the database before it is complete', async () => {
  await using store = await filled()
  const info = await findInfo(store, lib)
  await damageDatabase(store, 'everything')
  await using other = await openStore(storeOptions(store.directory))
  await store.database.rescue(async unfinished => {
    await unfinished.change(async () => ({ add: [info!] }))
    await expect(collectIn(other)).rejects.toMatchObject({ code: 'DATABASE_DAMAGED' })
    await expect(listValid(other)).rejects.toMatchObject({ code: 'DATABASE_DAMAGED' })
  })
  expect(await listValid(other)).toEqual([lib])
  expect((await collectIn(other)).garbage).toEqual([app])
})

test('recoverDatabase() goes on where another was interrupted, and nothing is lost between them', async () => {
  await using store = await filled()
  await damageDatabase(store, 'everything')
  const interrupt = () => {
    throw new Error('interrupted')
  }
  await expect(recover(store, interrupt)).rejects.toThrow('interrupted')
  await using other = await openStore(storeOptions(store.directory))
  await expect(collectIn(other)).rejects.toMatchObject({ code: 'DATABASE_DAMAGED' })
  expect((await recover(other)).recovered).toHaveLength(2)
  expect(await find(other)).toEqual([])
})

test('what is unfinished on the disk is no object after the loss of a database', async () => {
  await using store = await filled()
  writeTree(store.locate(anyPath('half')), directory({ text: file('half') }))
  await damageDatabase(store, 'everything')
  await recover(store)
  expect(await listValid(store)).toEqual([app, lib].sort())
})

test.each([true, false])(
  'replaceObject() puts a tree in the place of another (one is there: %s)',
  async isThere => {
    await using store = await filled()
    if (!isThere) await store.keeper.remove(store.locate(lib))
    else {
      chmodSync(store.locate(lib), 0o755)
      writeFileSync(join(store.locate(lib), 'extra'), '')
    }
    await using stage = await store.stage()
    const staged = join(stage.directory, 'tree')
    writeTree(staged, directory({ text: file('some text') }))
    await settleTree(store, staged, [])
    await replaceObject(store, lib, staged)
    expect(await find(store)).toEqual([])
  },
)
