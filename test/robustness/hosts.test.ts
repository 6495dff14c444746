import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { runStore, temporaryRoot } from '../support/command.js'
import { compareStores, copyClone, surroundings } from '../support/hosts.js'
import { temporaryDirectory } from '../support/store.js'
import { ordinaryUser, storeOf } from '../support/users.js'

test('another user, clone, file system and environment give the same bytes', async () => {
  await using elsewhere = await temporaryDirectory()
  await chmod(elsewhere.path, 0o755)
  const program = await copyClone(join(elsewhere.path, 'another clone', 'of store'))
  await using store = await storeOf(ordinaryUser, undefined, '/dev/shm')
  const { status, stderr } = await store.run(['build', 'zlib', 'hello', '-j', '1', '--cores', '5'], {
    program,
    cwd: '/usr',
    env: surroundings,
    within: ['sh', '-c', 'umask 077; exec "$@"', 'sh'],
  })
  expect(status, stderr).toBe(0)
  await using seeded = await temporaryRoot(inject('seeded'))
  expect(await compareStores(seeded.path, store.path)).toEqual([])
})

test('a second build of hello gives the same bytes', async () => {
  await using root = await temporaryRoot(inject('seeded'))
  const { status, stderr, stdout } = await runStore(root.path, ['build', '--check', 'hello'])
  expect(status, stderr).toBe(0)
  expect(stderr).toMatch(/^building hello-2\.10\nbuilt hello-2\.10 in \d.*s\n$/)
  expect(stdout).toMatch(/^\/store\/\w{32}-hello-2\.10\n$/)
})
