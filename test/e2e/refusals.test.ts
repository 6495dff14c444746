import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addRoot, openStore, type StorePath } from '../../store/index.js'
import { type Ran, type RunOptions, runStore, temporaryRoot } from '../support/command.js'
import { makeSmallDisk } from '../support/mounts.js'
import { anyPath } from '../support/objects.js'
import { aRecord, register } from '../support/records.js'
import { storeOptions } from '../support/store.js'

const [app, lib, gone] = [anyPath('app'), anyPath('lib'), anyPath('gone')]

/** Two paths whose hashes start alike. */
function findAlike(): readonly [StorePath, StorePath] {
  const seen = new Map<string, StorePath>()
  for (let n = 0; ; n++) {
    const path = anyPath(`${n}`)
    const other = seen.get(path.slice(0, 4))
    if (other) return [other, path]
    seen.set(path.slice(0, 4), path)
  }
}
const alike = findAlike()

/** `app` refers to `lib`, and is kept. */
let root: Awaited<ReturnType<typeof temporaryRoot>>
beforeAll(async () => {
  root = await temporaryRoot()
  await using store = await openStore(storeOptions(root.path))
  await register(store, [aRecord(lib), aRecord(app, [lib]), ...alike.map(path => aRecord(path))])
  await addRoot(store, 'mine', app)
})
afterAll(() => root[Symbol.asyncDispose]())

function expectRefusal({ status, stdout, stderr }: Ran, code: string, told: string, hint: string): void {
  const [error = '', next = '', ...more] = stderr.trimEnd().split('\n')
  expect(error).toContain(`error[${code}]: `)
  expect(error).toContain(told)
  expect(next).toMatch(/^hint: /)
  expect(next).toContain(hint)
  expect([more, stdout, status]).toEqual([[], '', 1])
}

test.each<[args: string[], code: string, told: string, hint: string]>([
  [['references', gone], 'NO_SUCH_OBJECT', gone, 'Build or add it first'],
  [['references', alike[0].slice(0, 4)], 'AMBIGUOUS_PATH', alike[1], 'more characters'],
  [
    ['gc', '--delete', lib],
    'STILL_ALIVE',
    `the root "mine" keeps it, by way of /store/${app} -> /store/${lib}`,
    'store root remove mine',
  ],
  [['root', 'add', 'other', gone], 'NO_SUCH_OBJECT', gone, 'Build or add it first'],
  [['root', 'add', 'mine', lib], 'ROOT_EXISTS', app, 'store root remove mine'],
  [['root', 'add', 'a/b', lib], 'BAD_ROOT_NAME', 'a/b', 'letters'],
  [['root', 'remove', 'nobody'], 'NO_SUCH_ROOT', 'nobody', 'store root list'],
])('%j is refused with %s', async (args, code, told, hint) => {
  expectRefusal(await runStore(root.path, args), code, told, hint)
})

const query = (options: RunOptions = {}, path = root.path) =>
  runStore(path, ['references', lib], { cwd: '/', ...options })

test('a store of a newer format is refused', async () => {
  const file = join(root.path, 'var/version')
  const version = readFileSync(file)
  writeFileSync(file, '2\n')
  expectRefusal(await query(), 'NEWER_STORE', 'format "2"', 'newer')
  writeFileSync(file, version)
  expect((await query()).status).toBe(0)
})

test('a store of somebody else is refused', async ({ skip }) => {
  if (process.getuid!() !== 0) return skip('only root can be somebody else')
  expectRefusal(await query({ uid: 61_234 }), 'NOT_WRITABLE', 'permission denied', 'STORE_ROOT')
})

test('a store that is read-only is refused', async ({ skip }) => {
  await using disk = await makeSmallDisk(32 << 20)
  if (!disk) return skip('needs user namespaces')
  const add = () => runStore(disk.path, ['add', '/etc/hostname'], { within: disk.within, cwd: '/' })
  expect(await runStore(disk.path, ['gc', '--list-live', '--quiet'], { within: disk.within })).toMatchObject({
    status: 0,
  })
  await disk.sh(`mount -o remount,bind,ro ${disk.path}`)
  expectRefusal(await add(), 'NOT_WRITABLE', 'it is read-only', 'Mount its file system writable')
})

test('a stream that is cut short or damaged is refused, and nothing of it is imported', async () => {
  await using other = await temporaryRoot()
  const file = join(other.path, 'file')
  writeFileSync(file, 'content')
  const added = await runStore(other.path, ['add', file])
  const stream = (await runStore(other.path, ['export', added.stdout.trim()])).stdout
  const broken = ['', stream.slice(0, 100), stream.slice(0, -1), stream.replace('content', 'Content')]
  for (const input of broken.map(text => Buffer.from(text)))
    expectRefusal(
      await runStore(root.path, ['import'], { input }),
      'BAD_EXPORT',
      'Cannot import',
      'Nothing was imported',
    )
  expect(readdirSync(join(root.path, 'store/.staging'))).toEqual([])
  expect((await runStore(root.path, ['info', added.stdout.trim()])).stderr).toContain('NO_SUCH_OBJECT')
  const input = Buffer.from(stream)
  expect(await runStore(root.path, ['import'], { input })).toMatchObject({ status: 0, stdout: added.stdout })
})

test('processes are roots of the objects they name, where these exist', async () => {
  // Where the objects lie, as this machine may have a store at `/store`, to which such names would belong.
  const objects = join(root.path, 'store')
  const env = { PATH: process.env.PATH!, ELSEWHERE: `${objects}/${gone} ${objects}/${lib}` }
  const child = spawn('sleep', ['60'], { env })
  try {
    const { stdout } = await runStore(root.path, ['gc', '--list-roots'])
    expect(stdout).toContain(`/store/${lib}\tprocess ${child.pid}\n`)
    expect(stdout).not.toContain(gone)
  } finally {
    child.kill()
  }
})
