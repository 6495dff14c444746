import { lstat, readdir, rm } from 'node:fs/promises'
import { expect, test } from 'vitest'
import {
  addTexts,
  commitObjects,
  deleteObjects,
  findInfo,
  formatStorePath,
  hashTree,
  isValid,
  listOutputs,
  listReferrers,
  listValid,
  MissingReference,
  ReferenceCycle,
  removeGarbage,
  StillReferenced,
} from '../../../store/index.js'
import { add, anyPath, commit } from '../../support/objects.js'
import { temporaryStore } from '../../support/store.js'
import { directory, file, writeTree } from '../../support/trees.js'

const [out, dev, doc, drv] = [anyPath('out'), anyPath('dev'), anyPath('doc'), anyPath('x.drv')]

test('commitObjects() registers outputs that refer to each other and to themselves', async () => {
  await using store = await temporaryStore()
  const [devInfo, outInfo] = await commit(
    store,
    { [dev]: file(formatStorePath(out)), [out]: directory({ a: file(out) }) },
    [],
    drv,
  )
  expect(devInfo).toMatchObject({ path: dev, references: [out], deriver: drv })
  expect(outInfo).toMatchObject({ path: out, references: [out], deriver: drv })
  expect(await listReferrers(store, out)).toEqual([dev, out].sort())
  expect(await listOutputs(store, drv)).toEqual([dev, out].sort())
})

test('commitObjects() refuses a circle of outputs, naming it, and changes nothing', async () => {
  await using store = await temporaryStore()
  const trees = { [dev]: file(doc), [doc]: file(out), [out]: file(dev) }
  await expect(commit(store, trees)).rejects.toThrow(ReferenceCycle)
  await expect(commit(store, trees)).rejects.toThrow(`${formatStorePath(dev)} -> ${formatStorePath(doc)}`)
  expect(await listValid(store)).toEqual([])
  expect(await readdir(store.objects)).toEqual(['.staging'])
})

test('commitObjects() refuses a reference that is not valid, and changes nothing', async () => {
  await using store = await temporaryStore()
  await expect(commit(store, { [out]: file(dev) }, [dev])).rejects.toThrow(MissingReference)
  expect(await listValid(store)).toEqual([])
  expect(await readdir(store.objects)).toEqual(['.staging'])
})

test('commitObjects() keeps an object that is valid already', async () => {
  await using store = await temporaryStore()
  const [first] = await commit(store, { [out]: file('first') })
  const [second, other] = await commit(store, { [out]: file('second'), [dev]: file('dev') })
  expect(second).toEqual(first)
  expect(other?.path).toBe(dev)
  expect((await hashTree(store.locate(out))).narHash).toEqual(first!.narHash)
})

test('commitObjects() of nothing does nothing', async () => {
  await using store = await temporaryStore()
  expect(await commitObjects(store, [])).toEqual([])
})

test('addTexts() adds many files, which may refer to each other, with the hash their NAR has', async () => {
  await using store = await temporaryStore()
  const paths = Array.from({ length: 50 }, (_, i) => anyPath(`text${i}.drv`))
  const texts = paths.map((path, i) => ({ path, content: `text ${i}`, references: paths.slice(0, i) }))
  await addTexts(store, texts)
  const infos = (await store.database.findInfos(paths)).map(info => info!)
  expect(infos.map(info => info.references)).toEqual(texts.map(text => text.references.toSorted()))
  for (const { path, narHash, narSize } of infos) {
    expect(await hashTree(store.locate(path))).toEqual({ narHash, narSize })
    expect((await lstat(store.locate(path))).mode & 0o777).toBe(0o444)
    expect((await lstat(store.locate(path))).mtimeMs).toBe(1000)
  }
  await addTexts(store, texts)
  expect(await store.database.findInfos(paths)).toEqual(infos)
})

test('deleteObjects() deletes referrers together with what they refer to, or nothing', async () => {
  await using store = await temporaryStore()
  await commit(store, {
    [out]: directory({ self: file(out), deep: directory({ er: file('') }) }),
    [dev]: file(out),
  })
  await expect(deleteObjects(store, [out])).rejects.toThrow(StillReferenced)
  expect(await isValid(store, out)).toBe(true)
  await deleteObjects(store, [out, dev, doc])
  expect(await listValid(store)).toEqual([])
  expect(await listReferrers(store, out)).toEqual([])
  expect(await readdir(store.objects)).toEqual(['.staging'])
  expect((await commit(store, { [out]: file('again') }))[0]?.path).toBe(out)
})

test('removeGarbage() removes what is not valid, unless somebody works on it', async () => {
  await using store = await temporaryStore()
  const { path } = await add(store, 'kept', file('x'))
  for (const garbage of [out, dev]) writeTree(store.locate(garbage), directory({ a: file('') }))
  writeTree(`${store.objects}/lost+found`, directory())
  {
    await using _lock = await store.lock(dev)
    expect(await removeGarbage(store)).toEqual([out])
  }
  expect((await readdir(store.objects)).sort()).toEqual(['.staging', dev, path, 'lost+found'].sort())
  expect(await removeGarbage(store)).toEqual([dev])
  expect(await readdir(`${store.state}/locks`)).toEqual([])
  await rm(`${store.objects}/lost+found`, { recursive: true })
  expect(await findInfo(store, path)).toBeDefined()
})
