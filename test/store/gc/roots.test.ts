import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { mkdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import {
  addLink,
  addRoot,
  BadRootName,
  findRoots,
  LinkExists,
  listLinks,
  listNamedRoots,
  NoSuchObject,
  NoSuchRoot,
  openStore,
  pruneLinks,
  RootExists,
  removeRoot,
  type Store,
} from '../../../store/index.js'
import { add, anyPath } from '../../support/objects.js'
import { storeOptions, temporaryStore } from '../../support/store.js'
import { file } from '../../support/trees.js'

test('addRoot() makes a root that removeRoot() removes', async () => {
  await using store = await temporaryStore()
  const { path } = await add(store, 'a', file('a'))
  await addRoot(store, 'mine', path)
  await addRoot(store, 'mine', path)
  expect(await listNamedRoots(store)).toEqual([{ kind: 'named', name: 'mine', path }])
  expect(await readlink(join(store.state, 'roots/mine'))).toBe(store.locate(path))
  await removeRoot(store, 'mine')
  expect(await listNamedRoots(store)).toEqual([])
  await expect(removeRoot(store, 'mine')).rejects.toThrow(NoSuchRoot)
})

test('addRoot() replaces no root, and keeps nothing that is not valid', async () => {
  await using store = await temporaryStore()
  const [a, b] = [await add(store, 'a', file('a')), await add(store, 'b', file('b'))]
  await addRoot(store, 'mine', a.path)
  await expect(addRoot(store, 'mine', b.path)).rejects.toThrow(RootExists)
  await expect(addRoot(store, 'other', anyPath('nothing'))).rejects.toThrow(NoSuchObject)
  expect(await listNamedRoots(store)).toHaveLength(1)
})

test.each(['auto', '', '.', '..', 'a/b', '-x', '.hidden', 'a\nb'])(
  'addRoot() refuses the name %j',
  async name => {
    await using store = await temporaryStore()
    const { path } = await add(store, 'a', file('a'))
    await expect(addRoot(store, name, path)).rejects.toThrow(BadRootName)
  },
)

test('addLink() makes a root of a symlink for as long as it stays where it is', async () => {
  await using store = await temporaryStore()
  const [a, b] = [await add(store, 'a', file('a')), await add(store, 'b', file('b'))]
  const link = join(store.directory, 'result')
  await addLink(store, link, a.path)
  expect(await readlink(link)).toBe(store.locate(a.path))
  await addLink(store, link, b.path)
  expect(await listLinks(store)).toEqual([{ link, path: b.path }])
  expect(await pruneLinks(store)).toEqual([])
  await rename(link, `${link}-2`)
  expect(await listLinks(store)).toEqual([{ link, path: undefined }])
  expect(await pruneLinks(store)).toEqual([link])
  expect(await listLinks(store)).toEqual([])
})

test('addLink() replaces nothing but links into the store', async () => {
  await using store = await temporaryStore()
  const { path } = await add(store, 'a', file('a'))
  const taken = (name: string) => join(store.directory, name)
  await writeFile(taken('file'), '')
  await mkdir(taken('folder'))
  await symlink('/etc/passwd', taken('link'))
  for (const name of ['file', 'folder', 'link'])
    await expect(addLink(store, taken(name), path)).rejects.toThrow(LinkExists)
  expect(await listLinks(store)).toEqual([])
})

test('a link is a root by whatever name it, or who collects, calls the place of the store', async () => {
  await using store = await temporaryStore()
  const { path } = await add(store, 'a', file('a'))
  const alias = `${store.directory}-alias`
  await symlink(store.directory, alias)
  await using _alias = { [Symbol.asyncDispose]: () => rm(alias) }
  await using other = await openStore(storeOptions(alias))
  const link = join(store.directory, 'result')
  await addLink(store, link, path)
  expect(await listLinks(other)).toEqual([{ link, path }])
  for (const target of [join(alias, 'store', path), join('store', path)]) {
    await rm(link)
    await symlink(target, link)
    for (const opened of [store, other]) expect(await listLinks(opened), target).toEqual([{ link, path }])
  }
})

test('a link that was made to point elsewhere keeps nothing', async () => {
  await using store = await temporaryStore()
  const { path } = await add(store, 'a', file('a'))
  const link = join(store.directory, 'result')
  await addLink(store, link, path)
  await rm(link)
  await symlink('/etc', link)
  expect(await listLinks(store)).toEqual([{ link, path: undefined }])
})

test('keepAlive() makes a root until the store is closed, for this process and others', async () => {
  await using store = await temporaryStore()
  const paths = [anyPath('not'), anyPath('yet')]
  const isKept = async () => (await findRoots(store)).some(({ kind }) => kind === 'command')
  {
    await using other = await openStore(storeOptions(store.directory))
    await other.keepAlive(paths)
    await other.keepAlive(paths)
    const kept = (await findRoots(store)).filter(({ kind }) => kind === 'command')
    expect(kept).toEqual(paths.map(path => ({ kind: 'command', name: String(process.pid), path })))
    expect(await findRoots(other)).toEqual(expect.arrayContaining(kept))
  }
  expect(await isKept()).toBe(false)
})

/** What starts a program, whose words follow, with another root, in which `objects` lie at /store. */
const atStore = (root: string, objects: string): string[] => {
  const script = `
    root=$0 objects=$1; shift
    mkdir "$root"
    mount -t tmpfs tmpfs "$root"
    mkdir "$root/store"
    mount --bind "$objects" "$root/store"
    for name in usr bin lib lib64; do
      if [ -L /$name ]; then cp -P /$name "$root"; else mkdir "$root/$name"; mount --rbind /$name "$root/$name"; fi
    done
    exec chroot "$root" "$@"`
  return ['unshare', '-rm', 'sh', '-ec', script, root, objects]
}

test.each([
  ['works in it', (path: string) => ({ cwd: path })],
  ['names it in its environment', (path: string) => ({ env: { PATH: `/bin:${path}/bin` } })],
  [
    'sees it at /store and names it as programs in builds do',
    (path: string) => ({
      env: { PATH: process.env.PATH, X: `/store/${basename(path)}` },
      seen: dirname(path),
    }),
  ],
])('findRoots() finds what a process uses that %s', async (_how, use) => {
  await using store = await temporaryStore()
  const path = anyPath('used')
  await mkdir(store.locate(path))
  const { seen, ...options }: { cwd?: string; env?: NodeJS.ProcessEnv; seen?: string } = use(
    store.locate(path),
  )
  const shell = ['/bin/sh', '-c', 'echo ready; read line']
  const [program = '', ...args] = seen ? [...atStore(join(store.directory, 'root'), seen), ...shell] : shell
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], ...options })
  await once(child.stdout!, 'data')
  expect(await findRoots(store)).toContainEqual({ kind: 'process', name: String(child.pid), path })
  child.stdin!.end()
  await once(child, 'close')
  expect((await findRoots(store)).filter(root => root.path === path)).toEqual([])
})

test('findRoots() finds what a process has open, and what it executes', async () => {
  await using store = await temporaryStore()
  const { path } = await add(store, 'text', file('text'))
  const child = spawn('/bin/sh', ['-c', 'exec 3< "$0"; echo ready; read line', store.locate(path)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {},
  })
  await once(child.stdout!, 'data')
  const found = (await findRoots(store)).filter(({ name }) => name === String(child.pid))
  expect(found).toEqual([{ kind: 'process', name: String(child.pid), path }])
  child.stdin!.end()
  await once(child, 'close')
})

test('findRoots() takes no object of another store, which has the same name, for one of this', async () => {
  await using store = await temporaryStore()
  await using other = await temporaryStore()
  const { path } = await add(store, 'text', file('text'))
  await add(other, 'text', file('text'))
  const open = openSync(other.locate(path), 'r')
  const isUsed = async (of: Store) =>
    (await findRoots(of)).some(root => root.kind === 'process' && root.path === path)
  try {
    expect(await isUsed(other)).toBe(true)
    expect(await isUsed(store)).toBe(false)
  } finally {
    closeSync(open)
  }
})

test('findRoots() takes what a build of another store is told to make for no use of it', async () => {
  await using store = await temporaryStore()
  const { path } = await add(store, 'text', file('text'))
  const others = join(store.directory, 'others')
  await mkdir(others)
  const [program = '', ...args] = atStore(join(store.directory, 'root'), others)
  const child = spawn(program, [...args, 'sh', '-c', 'echo ready; read line'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, out: `/store/${path}` },
  })
  try {
    await once(child.stdout!, 'data')
    expect((await findRoots(store)).filter(({ name }) => name === String(child.pid))).toEqual([])
  } finally {
    child.kill()
  }
})
