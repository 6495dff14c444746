import { chmod, lstat, mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  addFile,
  addTree,
  BadName,
  CannotRead,
  digestOf,
  findInfo,
  formatStorePath,
  HashMismatch,
  hashTree,
  isValid,
  listValid,
  makeSourcePath,
  removeGarbage,
} from '../../../store/index.js'
import { add, anyPath } from '../../support/objects.js'
import { SOME_TIME, temporaryStore } from '../../support/store.js'
import { directory, file, goldenTrees, program, symlink, writeTree } from '../../support/trees.js'

test('addTree() makes a canonical copy valid', async () => {
  await using store = await temporaryStore()
  const source = join(store.directory, 'source')
  writeTree(source, directory({ bin: directory({ sh: program('x') }), link: symlink('bin/sh') }))
  const info = await addTree(store, 'tree', source)
  const expected = await hashTree(source)
  expect(info).toEqual({
    path: makeSourcePath('nar', expected.narHash, 'tree'),
    ...expected,
    references: [],
    deriver: undefined,
    registered: SOME_TIME,
    provenance: undefined,
    signatures: [],
  })
  const object = store.locate(info.path)
  expect(await hashTree(object)).toEqual(expected)
  expect((await lstat(object)).mode & 0o777).toBe(0o555)
  expect((await lstat(object)).mtimeMs).toBe(1000)
  expect(await readlink(join(object, 'link'))).toBe('bin/sh')
  expect(await findInfo(store, info.path)).toEqual(info)
})

test.each(Object.entries(goldenTrees))('addTree() adds the golden tree %s unchanged', async (name, tree) => {
  await using store = await temporaryStore()
  const { path, narHash } = await add(store, name, tree)
  expect((await hashTree(store.locate(path))).narHash).toEqual(narHash)
})

test('addTree() adds the same tree once', async () => {
  await using store = await temporaryStore()
  const infos = await Promise.all(
    Array.from({ length: 8 }, () => add(store, 'tree', directory({ a: file('x') }))),
  )
  expect(new Set(infos.map(({ path }) => path)).size).toBe(1)
  expect(await listValid(store)).toEqual([infos[0]!.path])
})

test('addTree() finds references to valid objects, and to no others', async () => {
  await using store = await temporaryStore()
  const libc = (await add(store, 'libc', file('libc'))).path
  const text = `${formatStorePath(libc)} ${formatStorePath(anyPath('absent'))}`
  expect((await add(store, 'user', file(text))).references).toEqual([libc])
})

test('addTree() names by any algorithm, and refuses content other than declared', async () => {
  await using store = await temporaryStore()
  const source = join(store.directory, 'source')
  writeTree(source, directory({ a: file('x') }))
  const { narHash } = await hashTree(source, 'sha256')
  const wrong = digestOf('sha256', 'something else')
  await expect(addTree(store, 'tree', source, { declared: wrong })).rejects.toThrow(HashMismatch)
  expect(await readdir(store.objects)).toEqual(['.staging'])
  expect(await readdir(join(store.objects, '.staging'))).toEqual([])
  const { path } = await addTree(store, 'tree', source, { declared: narHash })
  expect(path).toBe(makeSourcePath('nar', narHash, 'tree'))
  await expect(addTree(store, 'tree', '/nowhere', { declared: narHash })).resolves.toMatchObject({ path })
})

test('addFile() names by the bytes, makes it not executable, and looks for no references', async () => {
  await using store = await temporaryStore()
  const libc = (await add(store, 'libc', file('libc'))).path
  const source = join(store.directory, 'source')
  await writeFile(source, `#!${formatStorePath(libc)}\n`, { mode: 0o755 })
  const info = await addFile(store, 'script', source, {
    algorithm: 'sha512',
    provenance: { url: 'https://x' },
  })
  const digest = digestOf('sha512', `#!${formatStorePath(libc)}\n`)
  expect(info.path).toBe(makeSourcePath('flat', digest, 'script'))
  expect([info.references, info.provenance]).toEqual([[], { url: 'https://x' }])
  expect((await lstat(store.locate(info.path))).mode & 0o777).toBe(0o444)
  await expect(addFile(store, 'script', source, { declared: digestOf('sha256', '') })).rejects.toThrow(
    HashMismatch,
  )
})

test('a wrong name, or a source that cannot be read, is refused and leaves nothing', async () => {
  await using store = await temporaryStore()
  await expect(addTree(store, '.hidden', store.directory)).rejects.toThrow(BadName)
  await expect(addTree(store, 'x', join(store.directory, 'missing'))).rejects.toThrow(CannotRead)
  await expect(addFile(store, 'x', join(store.directory, 'missing'))).rejects.toThrow(CannotRead)
  expect(await listValid(store)).toEqual([])
})

test('what a crash left at the path is replaced', async () => {
  await using store = await temporaryStore()
  const source = join(store.directory, 'source')
  writeTree(source, file('x'))
  const path = makeSourcePath('nar', (await hashTree(source)).narHash, 'x')
  expect(await isValid(store, path)).toBe(false)
  await mkdir(join(store.locate(path), 'half/written'), { recursive: true })
  await chmod(join(store.locate(path), 'half'), 0)
  expect(await isValid(store, path)).toBe(false)
  expect((await addTree(store, 'x', source)).path).toBe(path)
  expect(await readFile(store.locate(path), 'utf8')).toBe('x')
  expect(await removeGarbage(store)).toEqual([])
})
