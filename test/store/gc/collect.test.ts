import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  addLink,
  addRoot,
  type CollectProgress,
  collect,
  deleteDead,
  discard,
  findDead,
  findInfo,
  listValid,
  openStore,
  removeRoot,
  StillAlive,
  StillReferenced,
  type Store,
  type StorePath,
} from '../../../store/index.js'
import { expectSound } from '../../support/crashes.js'
import { anyPath, commit } from '../../support/objects.js'
import { aRecord, register } from '../../support/records.js'
import { storeOptions, temporaryStore } from '../../support/store.js'
import { directory, file } from '../../support/trees.js'

const policy = { keepDerivers: true, keepOutputs: false }

const gc = (store: Store, options: Partial<Parameters<typeof collect>[1]> = {}) =>
  collect(store, { ...policy, signal: new AbortController().signal, report: () => {}, ...options })

const [app, lib, base, drv, loose] = ['app', 'lib', 'base', 'app.drv', 'loose'].map(anyPath) as [
  StorePath,
  StorePath,
  StorePath,
  StorePath,
  StorePath,
]

/** `app` refers to `lib`, that to `base`; `drv` made `app`; `loose` refers to `base` and itself. */
async function filled(store: Store): Promise<void> {
  await commit(store, { [base]: file('base'), [drv]: file('drv') })
  await commit(store, { [lib]: file(base) }, [base])
  await commit(store, { [app]: directory({ a: file(lib) }) }, [lib], drv)
  await commit(store, { [loose]: directory({ a: file(base + loose) }) }, [base])
}

/** As another command would do it, which keeps nothing alive any more once it is done. */
async function elsewhere(
  { directory }: { readonly directory: string },
  work: (store: Store) => Promise<unknown>,
): Promise<void> {
  await using store = await openStore(storeOptions(directory))
  await work(store)
}

test('collect() deletes what nothing keeps, and only that', async () => {
  await using store = await temporaryStore()
  await filled(store)
  await elsewhere(store, other => addRoot(other, 'app', app))
  const { narSize } = (await findInfo(store, loose))!
  const told: CollectProgress[] = []
  expect(await gc(store, { report: progress => told.push(progress) })).toMatchObject({
    objects: 1,
    live: 4,
    dead: 1,
  })
  expect(await listValid(store)).toEqual([app, lib, base, drv].sort())
  expect(told[0]).toEqual({ step: 'remove what crashed commands left' })
  expect(told.find(({ marked }) => marked)).toMatchObject({ marked: { found: 5, live: 1 } })
  expect(told.findLast(({ swept }) => swept)).toMatchObject({
    marked: { found: 5, live: 4 },
    swept: { objects: 1, bytes: narSize, doomed: narSize },
  })
  await removeRoot(store, 'app')
  expect(await gc(store)).toMatchObject({ objects: 4, live: 0 })
  expect(await listValid(store)).toEqual([])
  await expectSound(store)
})

test.each([
  [{ keepDerivers: true, keepOutputs: false }, app, [app, lib, base, drv]],
  [{ keepDerivers: false, keepOutputs: false }, app, [app, lib, base]],
  [{ keepDerivers: true, keepOutputs: true }, drv, [app, lib, base, drv]],
  [{ keepDerivers: true, keepOutputs: false }, drv, [drv]],
])('findDead() with %j keeps of what a root to %s keeps', async (options, root, kept) => {
  await using store = await temporaryStore()
  await filled(store)
  await elsewhere(store, other => addRoot(other, 'root', root))
  const { valid, dead } = await findDead(store, options)
  expect(valid.filter(path => !dead.has(path))).toEqual([...kept].sort())
})

test('collect() leaves what an open store uses, and all that refers to', async () => {
  await using store = await temporaryStore()
  await filled(store)
  await elsewhere(store, async other => {
    await other.keepAlive([lib, anyPath('not-yet-valid')])
    expect(await gc(store)).toMatchObject({ objects: 3 })
    expect(await listValid(store)).toEqual([lib, base].sort())
  })
  expect(await gc(store)).toMatchObject({ objects: 2 })
})

test('deleteDead() leaves what is a root by then, and what has a referrer by then', async () => {
  await using store = await temporaryStore()
  await filled(store)
  await store.keepAlive([app])
  expect((await deleteDead(store, [app, lib, loose, base])).map(({ path }) => path)).toEqual([loose])
  expect(await listValid(store)).toEqual([app, lib, base, drv].sort())
})

test('deleteDead() leaves what somebody has locked, and what that refers to', async () => {
  await using store = await temporaryStore()
  await filled(store)
  await elsewhere(store, async other => {
    await using _lock = await other.lock(lib)
    expect((await deleteDead(store, [app, lib, base])).map(({ path }) => path)).toEqual([app])
  })
})

test('collect() stops when enough is freed', async () => {
  await using store = await temporaryStore()
  const paths = Array.from({ length: 50 }, (_, i) => anyPath(`${i}`))
  await register(
    store,
    paths.map(path => aRecord(path)),
  )
  expect(await gc(store, { maxFreed: 1050 })).toMatchObject({ objects: 11, bytes: 1100 })
  expect(await gc(store, { maxFreed: 0 })).toMatchObject({ objects: 0 })
  expect(await gc(store, { minFree: 1 })).toMatchObject({ objects: 0 })
  expect(await gc(store, { minFree: Number.MAX_SAFE_INTEGER })).toMatchObject({ objects: 39 })
})

test('collect() removes files without a record, locks that nobody holds, and out-links that are gone', async () => {
  await using store = await temporaryStore()
  await filled(store)
  for (const name of ['version', anyPath('half')]) await writeFile(join(store.state, 'locks', name), '')
  await mkdir(store.locate(anyPath('half')))
  const link = join(store.directory, 'result')
  await elsewhere(store, other => addLink(other, link, app))
  await rm(link)
  expect(await gc(store)).toMatchObject({ garbage: [anyPath('half')], links: [link], objects: 5 })
  expect(await readdir(join(store.state, 'locks'))).toEqual([])
})

test('discard() deletes what it is told to, and says why it does not', async () => {
  await using store = await temporaryStore()
  await filled(store)
  await elsewhere(store, other => addRoot(other, 'mine', app))
  await expect(discard(store, [base])).rejects.toThrow(StillAlive)
  await expect(discard(store, [base])).rejects.toThrow(
    `the root "mine" keeps it, by way of /store/${app} -> /store/${lib} -> /store/${base}`,
  )
  await removeRoot(store, 'mine')
  await expect(discard(store, [base, loose])).rejects.toThrow(StillReferenced)
  expect(await listValid(store)).toHaveLength(5)
  expect((await discard(store, [base, lib, app, loose])).map(({ path }) => path)).toHaveLength(4)
  expect(await listValid(store)).toEqual([drv])
})

test('collect() deletes many objects, and a chain of them', async () => {
  await using store = await temporaryStore()
  const chain = Array.from({ length: 600 }, (_, i) => anyPath(`link-${i}`))
  await register(
    store,
    chain.map((path, i) => aRecord(path, chain.slice(i + 1, i + 2))),
  )
  expect(await gc(store)).toMatchObject({ objects: 600 })
  expect(await readdir(store.objects)).toEqual(['.staging'])
})
