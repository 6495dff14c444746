import { chmod, mkdir, readFile, rm } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listValid } from '../../store/index.js'
import { expectSound, killAdders } from '../support/crashes.js'
import { add, anyPath } from '../support/objects.js'
import { buildAdder, run } from '../support/processes.js'
import { temporaryDirectory, temporaryStore } from '../support/store.js'
import { file } from '../support/trees.js'

let adder: string
beforeAll(async () => {
  adder = await buildAdder()
})
afterAll(() => rm(adder))

test('killed adders leave whole objects, and garbage that is found', () => killAdders(adder, { kills: 5 }))

test('killed adders of an ordinary user do, too', () => killAdders(adder, { kills: 5, unprivileged: true }))

test('several processes add the same trees at once', async () => {
  await using store = await temporaryStore()
  const adders = Array.from({ length: 3 }, () => run(adder, [store.directory, 'same']))
  for (const { ended } of adders) expect(await ended).toEqual({ status: 0, errors: '' })
  expect((await listValid(store)).length).toBe(10)
  await expectSound(store)
})

test('an ordinary user adds, deletes, and cleans up', async () => {
  await using store = await temporaryStore()
  await chmod(store.directory, 0o777)
  const base = `${store.directory}/own`
  for (const command of ['same', 'clean']) {
    if (command === 'same') await mkdir(base, { mode: 0o777 }).then(() => chmod(base, 0o777))
    expect(await run(adder, [base, command], { unprivileged: true }).ended).toEqual({ status: 0, errors: '' })
  }
})

test('an ordinary user who may not write is told so', async () => {
  await using temporary = await temporaryDirectory()
  await chmod(temporary.path, 0o555)
  const { status, errors } = await run(adder, [temporary.path, 'once'], { unprivileged: true }).ended
  expect(status).toBe(1)
  expect(errors).toContain('NotWritable: Cannot write to')
})

test('a full disk is reported, and leaves nothing half done', async ({ skip }) => {
  await using temporary = await temporaryDirectory()
  const script =
    'mount -t tmpfs -o size=30m tmpfs "$0" || exit 42; "$@"; status=$?; find "$0/store"; exit $status'
  const within = ['unshare', '-rm', 'sh', '-c', script, temporary.path]
  const { line, ended } = run(adder, [temporary.path, 'large'], { within })
  const found: string[] = []
  for (let next = await line(); next !== undefined; next = await line()) found.push(next)
  const { status, errors } = await ended
  if (status === 42) skip('needs user namespaces')
  expect(status).toBe(1)
  expect(errors).toContain('DiskFull: Cannot write to')
  expect(found).toEqual([`${temporary.path}/store`, `${temporary.path}/store/.staging`])
})

test('the lock of a killed process is free', async () => {
  await using store = await temporaryStore()
  const holder = run(adder, [store.directory, 'hold'])
  expect(await holder.line()).toBe('held')
  expect(await store.tryLock(anyPath('held'))).toBeUndefined()
  const waiting = store.lock(anyPath('held'))
  holder.child.kill('SIGKILL')
  await (await waiting)[Symbol.asyncDispose]()
})

test('a process that is stopped while it holds the database does not hold up others, and stays stopped', async () => {
  await using store = await temporaryStore()
  const stopped = run(adder, [store.directory, 'query'])
  await stopped.line()
  for (let round = 0; round < 5; round++) {
    stopped.child.kill('SIGSTOP')
    await delay(10)
    const started = performance.now()
    await add(store, `x${round}`, file(`x${round}`))
    expect(performance.now() - started).toBeLessThan(20_000)
    const stat = await readFile(`/proc/${stopped.child.pid}/stat`, 'utf8')
    expect(stat.slice(stat.lastIndexOf(')') + 2)).toMatch(/^T/)
    stopped.child.kill('SIGCONT')
    await delay(20 * Math.random())
  }
  stopped.child.kill('SIGKILL')
  await stopped.ended
})

test('an adder that is stopped anywhere does not hold up one that adds the same', async () => {
  await using store = await temporaryStore()
  for (let round = 0; round < 3; round++) {
    const stopped = run(adder, [store.directory, 'add', `r${round}`])
    await stopped.line()
    await delay(Math.random() * 50)
    stopped.child.kill('SIGSTOP')
    const running = run(adder, [store.directory, 'add', `r${round}`])
    for (let i = 0; i < 3; i++) expect(await running.line()).toBeDefined()
    running.child.kill('SIGKILL')
    stopped.child.kill('SIGKILL')
    await Promise.all([running.ended, stopped.ended])
  }
  await expectSound(store)
})

test('several processes that use the database without a pause all get their turn', async () => {
  await using store = await temporaryStore()
  const busy = [run(adder, [store.directory, 'query']), run(adder, [store.directory, 'query'])]
  for (const { line } of busy) expect(await line()).toBe('ready')
  const started = performance.now()
  for (let i = 0; i < 5; i++) await add(store, `x${i}`, file(`x${i}`))
  expect(performance.now() - started).toBeLessThan(30_000)
  for (const { child, ended } of busy) {
    child.kill('SIGKILL')
    await ended
  }
})
