import { spawnSync } from 'node:child_process'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { runStore, storeProgram, temporaryRoot } from '../support/command.js'
import { ordinaryUser, storeOf } from '../support/users.js'

/** A machine without any network, not even the loopback interface. */
const alone = ['unshare', '--user', '--map-current-user', '--net']

const hashOf = ({ stdout }: { readonly stdout: string }): string => JSON.parse(stdout).narHash

test('hello is built again in a new store, without a network or a cache, from its exported sources', async ({
  skip,
}) => {
  const [program = '', ...words] = alone
  if (spawnSync(program, [...words, 'true']).status !== 0) skip('needs user namespaces')
  await using seeded = await temporaryRoot(inject('seeded'))
  const folder = join(seeded.path, 'sources')
  const exported = await runStore(seeded.path, ['export', '--sources', '--to', folder, 'hello'])
  expect(exported.status, exported.stderr).toBe(0)

  await using fresh = await storeOf(ordinaryUser)
  const archive = join(fresh.path, 'sources')
  await mkdir(archive)
  const piped = spawnSync(
    'sh',
    [
      '-c',
      '"$@" | tar -xf - -C "$0"',
      archive,
      process.execPath,
      storeProgram,
      'export',
      '--sources',
      'hello',
    ],
    { env: { ...process.env, STORE_ROOT: seeded.path } },
  )
  expect(piped.status, String(piped.stderr)).toBe(0)
  expect((await readdir(archive)).sort()).toEqual((await readdir(folder)).sort())
  expect(exported.stdout.trim().split('\n')).toHaveLength((await readdir(folder)).length)
  expect(await readFile(join(archive, 'SOURCES'), 'utf8')).toContain(' hello-2.10.tar.gz ')

  const env = { STORE_SOURCES: archive }
  const built = await fresh.run(['build', 'hello'], { env, within: alone })
  expect(built.status, built.stderr).toBe(0)
  expect(built.stderr).not.toContain('warning')
  expect(hashOf(await fresh.run(['info', '--json', 'hello']))).toBe(
    hashOf(await runStore(seeded.path, ['info', '--json', 'hello'])),
  )
})
