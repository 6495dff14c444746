import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Level } from 'level'
import { expect, test } from 'vitest'
import { KeeperLost } from '../../store/index.js'
import { makeKeeper } from '../../store/keeper.js'
import { keeperProgram, temporaryDirectory } from '../support/store.js'

async function setUp() {
  const temporary = await temporaryDirectory()
  const keepers = [makeKeeper(keeperProgram), makeKeeper(keeperProgram)] as const
  return {
    keepers,
    file: join(temporary.path, 'with space\nand newline ä'),
    path: temporary.path,
    [Symbol.asyncDispose]: async () => {
      for (const keeper of keepers) await keeper[Symbol.asyncDispose]()
      await temporary[Symbol.asyncDispose]()
    },
  }
}

/** Whether `promise` is still waiting. */
const isPending = (promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([promise.then(() => false), delay(50).then(() => true)])

test('a lock excludes other processes and other requests of the same one, until it is freed', async () => {
  await using context = await setUp()
  const {
    keepers: [a, b],
    file,
  } = context
  const lock = await a.lock(file)
  expect(await readFile(file, 'utf8')).toBe(`${process.pid}\n`)
  expect(await b.tryLock(file)).toBeUndefined()
  expect(await a.tryLock(file)).toBeUndefined()
  const [fromA, fromB] = [a.lock(file), b.lock(file)]
  expect([await isPending(fromA), await isPending(fromB)]).toEqual([true, true])
  expect(await a.tryLock(`${file}2`)).toBeGreaterThan(0)
  await a.unlock(lock)
  const first = await Promise.race([
    fromA.then(id => ({ keeper: a, id })),
    fromB.then(id => ({ keeper: b, id })),
  ])
  expect([await isPending(fromA), await isPending(fromB)].filter(Boolean).length).toBe(1)
  await first.keeper.unlock(first.id)
  await b.unlock(await fromB).catch(() => undefined)
  await a.unlock(await fromA).catch(() => undefined)
  expect(existsSync(file)).toBe(false)
})

test('a lock is worth nothing once its file is another', async () => {
  await using context = await setUp()
  const {
    keepers: [a, b],
    file,
  } = context
  const old = await a.lock(file)
  const waiting = b.lock(file)
  expect(await isPending(waiting)).toBe(true)
  execFileSync('rm', [file])
  const fresh = await a.tryLock(file)
  await a.unlock(old)
  expect(existsSync(file)).toBe(true)
  expect(await isPending(waiting)).toBe(true)
  await a.unlock(fresh!)
  await b.unlock(await waiting)
  expect(existsSync(file)).toBe(false)
})

test('many waiters get a lock one after the other', async () => {
  await using context = await setUp()
  const { keepers, file } = context
  let inside = 0
  await Promise.all(
    Array.from({ length: 40 }, async (_, i) => {
      const keeper = keepers[i % 2]!
      const id = await keeper.lock(file)
      expect(++inside).toBe(1)
      await delay(Math.random() * 3)
      inside--
      await keeper.unlock(id)
    }),
  )
})

test('a waiter that is called off leaves the lock to others', async () => {
  await using context = await setUp()
  const {
    keepers: [a, b],
    file,
  } = context
  const lock = await a.lock(file)
  const abort = new AbortController()
  const waiting = b.lock(file, abort.signal)
  expect(await isPending(waiting.catch(() => undefined))).toBe(true)
  abort.abort()
  await expect(waiting).rejects.toThrow('abort')
  await a.unlock(lock)
  await a.unlock(await a.lock(file))
})

test('when the program is killed its locks are free, and nothing else is believed', async () => {
  await using context = await setUp()
  const {
    keepers: [a, b],
    file,
  } = context
  await a.lock(file)
  const pid = execFileSync('sh', ['-c', `fuser "$1" 2>/dev/null || true`, 'sh', file], {
    encoding: 'utf8',
  }).trim()
  const children = await readFile(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')
  const keeper = pid || children.trim().split(' ')[0]!
  const waiting = b.lock(file)
  const asked = a.lock(file)
  process.kill(Number(keeper), 'SIGKILL')
  await expect(asked).rejects.toThrow(KeeperLost)
  await expect(a.sync('/')).rejects.toThrow(KeeperLost)
  await b.unlock(await waiting)
})

test('a program that is missing is an error with a next step', async () => {
  await using keeper = makeKeeper('/nowhere/keeper')
  await expect(keeper.sync('/')).rejects.toThrow(KeeperLost)
})

test('what the system refuses names the file', async () => {
  await using context = await setUp()
  const {
    keepers: [a],
    path,
  } = context
  await expect(a.lock(join(path, 'no/lock'))).rejects.toMatchObject({
    code: 'ENOENT',
    path: join(path, 'no/lock'),
  })
  await expect(a.sync(join(path, 'no'))).rejects.toMatchObject({ code: 'ENOENT', path: join(path, 'no') })
  await expect(a.canonicalise(join(path, 'no'))).rejects.toMatchObject({
    code: 'ENOENT',
    path: join(path, 'no'),
  })
  await expect(a.remove(join(path, 'no'))).resolves.toBeUndefined()
})

test('remove() takes directories of any mode, and leaves what links point to', async () => {
  await using context = await setUp()
  const {
    keepers: [a],
    path,
  } = context
  await mkdir(join(path, 'tree/a/b/c'), { recursive: true })
  await writeFile(join(path, 'kept'), 'kept')
  execFileSync('sh', [
    '-c',
    'cd "$1"; ln -s ../../kept tree/a/link; ln -s .. tree/up; touch tree/a/b/f; chmod 0 tree/a/b/c tree/a/b tree/a tree',
    'sh',
    path,
  ])
  await a.remove(join(path, 'tree'))
  expect(existsSync(join(path, 'tree'))).toBe(false)
  expect(await readFile(join(path, 'kept'), 'utf8')).toBe('kept')
})

test('findHolder() names the process with a POSIX lock', async () => {
  await using context = await setUp()
  const {
    keepers: [a],
    path,
  } = context
  const database = new Level(join(path, 'db'))
  await database.open()
  const file = join(path, 'db/LOCK')
  expect(await a.findHolder(file)).toBe(process.pid)
  await database.close()
  expect(await a.findHolder(file)).toBeUndefined()
})
