import { readdirSync } from 'node:fs'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import {
  exportClosure,
  findInfo,
  importObjects,
  listValid,
  type Store,
  verify,
} from '../../../store/index.js'
import { add, anyPath, commit } from '../../support/objects.js'
import { temporaryStore } from '../../support/store.js'
import { directory, file, goldenTrees } from '../../support/trees.js'

const { signal } = new AbortController()
const options = { signal, report: () => {} }
const [lib, app] = [anyPath('lib'), anyPath('app')]
const golden = new URL('../../golden/export/app.export', import.meta.url)

async function filled(): Promise<Awaited<ReturnType<typeof temporaryStore>>> {
  const store = await temporaryStore()
  await commit(store, { [lib]: directory({ text: file('some text') }) })
  await commit(store, { [app]: file(`${lib} ${app}`) }, [lib], anyPath('app.drv'))
  return store
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

/** In chunks of `size` bytes. */
async function* cut(bytes: Uint8Array, size = 100): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const expectEmpty = async (store: Store): Promise<void> => {
  expect(await listValid(store)).toEqual([])
  expect(readdirSync(store.objects).filter(name => name !== '.staging')).toEqual([])
}

test('an export is the bytes in golden/export', async () => {
  await using store = await filled()
  const bytes = await bytesOf(exportClosure(store, [app]))
  await expect(bytes.toString('latin1')).toMatchFileSnapshot('../../golden/export/app.export')
})

test.each([1, 7, 100, 1 << 20])('an export comes in again, in chunks of %i bytes', async size => {
  await using from = await filled()
  await using to = await temporaryStore()
  const bytes = await readFile(golden)
  expect((await importObjects(to, cut(bytes, size), options)).map(({ path }) => path)).toEqual([lib, app])
  expect(await findInfo(to, app)).toEqual(await findInfo(from, app))
  expect(await verify(to, { contents: true, ...options })).toEqual([])
  expect(await importObjects(to, cut(bytes), options)).toHaveLength(2)
})

test('trees of every kind come through', async () => {
  await using from = await temporaryStore()
  await using to = await temporaryStore()
  const trees = Object.entries(goldenTrees).map(([name, tree]) => [anyPath(name), tree] as const)
  await commit(from, Object.fromEntries(trees))
  await importObjects(to, exportClosure(from, await listValid(from)), options)
  expect(await listValid(to)).toEqual(await listValid(from))
  expect(await verify(to, { contents: true, ...options })).toEqual([])
})

test('a stream that is cut short anywhere changes nothing', async () => {
  await using store = await temporaryStore()
  const bytes = await readFile(golden)
  for (let length = 0; length < bytes.length; length += 37) {
    const error = await importObjects(store, cut(bytes.subarray(0, length)), options).catch(error => error)
    expect(error.code, `${length}`).toMatch(/^BAD_(EXPORT|NAR)$/)
  }
  await expectEmpty(store)
})

test('a stream with one wrong byte changes nothing', async () => {
  await using store = await temporaryStore()
  const bytes = await readFile(golden)
  for (let at = 0; at < bytes.length; at += 11) {
    const damaged = Buffer.from(bytes)
    damaged[at]! ^= 0x20
    const error = await importObjects(store, cut(damaged), options).catch(error => error)
    expect(error.code, `${at}`).toMatch(/^BAD_/)
  }
  await expectEmpty(store)
})

test('an object with other bytes of the same size is not exported', async () => {
  await using store = await temporaryStore()
  const { path } = await add(store, 'a', file('hi'))
  await chmod(store.locate(path), 0o644)
  await writeFile(store.locate(path), 'HI')
  await expect(bytesOf(exportClosure(store, [path]))).rejects.toMatchObject({ code: 'ALTERED_OBJECT' })
})

test('what follows the end is refused', async () => {
  await using store = await temporaryStore()
  const bytes = Buffer.concat([await readFile(golden), Buffer.from('x')])
  await expect(importObjects(store, cut(bytes), options)).rejects.toMatchObject({ code: 'BAD_EXPORT' })
  await expectEmpty(store)
})

test('a store without what an object refers to refuses it', async () => {
  await using from = await filled()
  await using to = await temporaryStore()
  const bytes = (await readFile(golden)).toString('latin1')
  const first = bytes.indexOf('object ', 20)
  const part = `store-export-1\n${bytes.slice(bytes.indexOf(`object ${app}`, first))}`
  await expect(importObjects(to, cut(Buffer.from(part, 'latin1')), options)).rejects.toThrow(
    `refers to ${lib}`,
  )
  await expectEmpty(to)
  await expectValid(from)
})

const expectValid = async (store: Store): Promise<void> =>
  expect(await listValid(store)).toEqual([app, lib].sort())
