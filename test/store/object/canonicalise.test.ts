import { execFileSync } from 'node:child_process'
import { chmod, link, lstat, lutimes, mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { canonicalise, hashTree, UnsupportedFile } from '../../../store/index.js'
import { temporaryStore } from '../../support/store.js'
import { directory, file, goldenTrees, program, symlink, writeTree } from '../../support/trees.js'

async function listAll(path: string): Promise<string[]> {
  return [path, ...(await readdir(path, { recursive: true })).map(name => join(path, name))]
}

test('canonicalise() sets modes and times of everything, and keeps what the hash is of', async () => {
  await using store = await temporaryStore()
  const path = join(store.directory, 'tree')
  writeTree(
    path,
    directory({
      file: file('a'),
      program: program('b'),
      link: symlink('/nowhere'),
      deep: directory({ er: directory({ f: file('c') }) }),
    }),
  )
  await chmod(join(path, 'program'), 0o4710)
  await chmod(join(path, 'file'), 0o026)
  await chmod(join(path, 'deep/er'), 0)
  await chmod(join(path, 'deep'), 0o7777)
  await lutimes(join(path, 'link'), 77, 77)
  await canonicalise(store, path)
  const { narHash } = await hashTree(path)
  for (const file of await listAll(path)) {
    const { mode, mtimeMs, uid } = await lstat(file)
    expect([mtimeMs, uid], file).toEqual([1000, process.geteuid!()])
    if (!file.endsWith('link'))
      expect(mode & 0o7777, file).toBe(file.endsWith('file') || file.endsWith('f') ? 0o444 : 0o555)
  }
  await canonicalise(store, path)
  expect((await hashTree(path)).narHash).toEqual(narHash)
})

test('canonicalise() takes any names', async () => {
  await using store = await temporaryStore()
  const path = join(store.directory, 'tree')
  writeTree(path, goldenTrees.names!)
  const before = await hashTree(path)
  await canonicalise(store, path)
  expect(await hashTree(path)).toEqual(before)
})

test('canonicalise() walks trees deeper than a path can be long', async () => {
  await using store = await temporaryStore()
  const path = join(store.directory, 'tree')
  await mkdir(path)
  const name = 'd'.repeat(200)
  execFileSync('sh', [
    '-c',
    `cd "$1" && for i in $(seq 40); do mkdir ${name} && cd -P ${name} || exit 1; done`,
    'sh',
    path,
  ])
  await canonicalise(store, path)
  await store.keeper.remove(path)
  expect(await readdir(store.directory)).not.toContain('tree')
})

test('canonicalise() gives hard-linked files inodes of their own', async () => {
  await using store = await temporaryStore()
  const path = join(store.directory, 'tree')
  const outside = join(store.directory, 'outside')
  writeTree(path, directory({ a: program('shared'), link: symlink('a') }))
  await link(join(path, 'link'), join(path, 'other-link'))
  await link(join(path, 'a'), join(path, 'b'))
  await link(join(path, 'a'), outside)
  await canonicalise(store, path)
  const [a, b] = [await lstat(join(path, 'a')), await lstat(join(path, 'b'))]
  expect([a.nlink, b.nlink, a.ino === b.ino]).toEqual([1, 1, false])
  expect([a.mode & 0o777, b.mode & 0o777]).toEqual([0o555, 0o555])
  expect(await readFile(join(path, 'b'), 'utf8')).toBe('shared')
  expect((await lstat(outside)).mode & 0o777).toBe(0o755)
  expect((await readdir(path)).sort()).toEqual(['a', 'b', 'link', 'other-link'])
  expect((await lstat(join(path, 'link'))).nlink).toBe(1)
  expect(await readlink(join(path, 'other-link'))).toBe('a')
})

test('canonicalise() clears extended attributes', async ({ skip }) => {
  await using store = await temporaryStore()
  const path = join(store.directory, 'tree')
  writeTree(path, directory({ a: file('x') }))
  const set = `import os, sys
for f in sys.argv[1:]: os.setxattr(f, 'user.test', b'kept?')`
  try {
    execFileSync('python3', ['-c', set, path, join(path, 'a')], { stdio: 'ignore' })
  } catch {
    skip('needs python3, and a file system with extended attributes')
  }
  await chmod(join(path, 'a'), 0o444)
  await canonicalise(store, path)
  const list = `import os, sys
print([os.listxattr(f) for f in sys.argv[1:]])`
  expect(execFileSync('python3', ['-c', list, path, join(path, 'a')], { encoding: 'utf8' })).toBe(
    '[[], []]\n',
  )
})

test('canonicalise() refuses a FIFO and a socket by name', async () => {
  await using store = await temporaryStore()
  const path = join(store.directory, 'tree')
  await mkdir(path)
  execFileSync('mkfifo', [join(path, 'pipe')])
  await expect(canonicalise(store, path)).rejects.toThrow(UnsupportedFile)
  await expect(canonicalise(store, path)).rejects.toThrow('tree/pipe": it is a FIFO')

  const other = join(store.directory, 'other')
  await mkdir(other)
  const server = createServer().listen(join(other, 'socket'))
  await new Promise(resolve => server.on('listening', resolve))
  await expect(canonicalise(store, other)).rejects.toThrow('other/socket": it is a socket')
  server.close()
})

test('canonicalise() of a single file, and of a symlink', async () => {
  await using store = await temporaryStore()
  const [path, linked] = [join(store.directory, 'file'), join(store.directory, 'link')]
  await writeFile(path, 'x', { mode: 0o600 })
  writeTree(linked, symlink('file'))
  await canonicalise(store, linked)
  expect((await lstat(path)).mode & 0o777).toBe(0o600)
  await canonicalise(store, path)
  expect((await lstat(path)).mode & 0o777).toBe(0o444)
})
