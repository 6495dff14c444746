import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clonedStore, recipeFile } from '../support/cloned.js'
import { makeRepository, type TestRepository } from '../support/repository.js'

const store = clonedStore()
const keyring = (): string => join(store.path, 'gnupg')

/** A time at which the key that has expired was good. */
const THEN = '20200601T000000'

const gpg = (...args: readonly string[]): string =>
  execFileSync('gpg', ['--homedir', keyring(), '--batch', '--quiet', '--no-tty', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })

const fingerprints = (name: string): readonly string[] =>
  [...gpg('--list-keys', '--with-colons', name).matchAll(/^fpr:+([0-9A-F]+):/gm)].map(([, found]) => found!)

function makeKey(name: string, expires = 'never', ...options: readonly string[]): string {
  gpg(...options, '--passphrase', '', '--quick-generate-key', name, 'ed25519', 'sign', expires)
  return fingerprints(name)[0]!
}

let mine: TestRepository
let keys: Readonly<Record<'good' | 'strange' | 'expired' | 'revoked', string>>
let subkey: string

beforeAll(() => {
  mkdirSync(keyring(), { mode: 0o700 })
  keys = {
    good: makeKey('good'),
    strange: makeKey('strange'),
    expired: makeKey('expired', '20210101T000000', '--faked-system-time', THEN),
    revoked: makeKey('revoked'),
  }
  gpg('--passphrase', '', '--quick-add-key', keys.good, 'ed25519', 'sign', 'never')
  subkey = fingerprints('good')[1]!
  mine = makeRepository(join(store.path, 'mine'))
})
afterAll(() => {
  execFileSync('gpgconf', ['--homedir', keyring(), '--kill', 'all'])
})

/** A commit signed by exactly this key: not by whichever of its keys gpg would choose. */
async function sign(key: string, time?: string): Promise<string> {
  const program = await store.write(
    'sign',
    `#!/bin/sh\nexec gpg --homedir '${keyring()}' ${time ? `--faked-system-time ${time}` : ''} "$@"\n`,
    0o755,
  )
  mine.git('config', 'gpg.program', program)
  mine.git('config', 'user.signingKey', `${key}!`)
  const commit = mine.commit({ 'it.ts': recipeFile(`export const it = make('it', sh\`:\`) // ${key}`) }, '-S')
  mine.git('config', '--unset', 'gpg.program')
  return commit
}

/** What the time machine says of a commit of the channel, of which the keys `named` must have signed it. */
async function travel(commit: string, named: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const channels = join(store.path, 'channels.json')
  const channel = { name: 'mine', url: `file://${mine.folder}`, fingerprints: named }
  await store.write('../channels.json', JSON.stringify({ format: 'channels-1', channels: [channel] }))
  return store.run(['time-machine', `--commit=${commit}`, '--channel=mine', '--', 'show', 'it'], {
    env: { GNUPGHOME: keyring(), STORE_CHANNELS: channels, GIT_CONFIG_GLOBAL: '/dev/null', ...env },
  })
}

const refused = async (run: ReturnType<typeof travel>, reason: string): Promise<void> => {
  const { status, stdout, stderr } = await run
  expect({ reason, status, stdout, stderr }).toMatchObject({ status: 1, stdout: '' })
  expect(stderr).toMatch(/error\[NOT_SIGNED\]: .*\nhint: .*--unsigned\n$/)
  expect(stderr).toContain(`is not signed by a key that it trusts: ${reason}`)
}

test('a commit is taken when an OpenPGP key signed it that the channel names, or a subkey of that', async () => {
  for (const key of [keys.good, subkey]) {
    const commit = await sign(key)
    expect(await travel(commit, [keys.strange, keys.good])).toMatchObject({ status: 0 })
  }
  const commit = await sign(subkey)
  expect(await travel(commit, [subkey])).toMatchObject({ status: 0 })
  await refused(travel(commit, [keys.strange]), `its key is ${subkey}`)
})

test('a commit is refused whose signature is missing, or of a key that does not count', async () => {
  const { good, strange, expired, revoked } = keys
  const id = (key: string): string => key.slice(-16)
  await refused(travel(mine.commit({ 'it.ts': recipeFile('') }), [good]), 'it is not signed')
  await refused(travel(await sign(strange), [good]), `its key is ${strange}`)
  await refused(travel(await sign(expired, THEN), [expired]), `the key ${id(expired)} has expired`)
  const signed = await sign(revoked)
  expect(await travel(signed, [revoked])).toMatchObject({ status: 0 })
  const certificate = await readFile(join(keyring(), `openpgp-revocs.d/${revoked}.rev`), 'utf8')
  gpg('--import', await store.write('revocation', certificate.replace(/^:(?=---)/m, '')))
  await refused(travel(signed, [revoked]), `the key ${id(revoked)} was revoked`)
})

test('a signature counts only for its own commit, and only if gpg can judge it', async () => {
  const { good } = keys
  const commit = await sign(good)
  const text = mine.git('cat-file', 'commit', commit)
  const forged = await store.write('forged', `${text.replace('Change', 'Another change')}\n`)
  mine.git('update-ref', 'refs/heads/forged', mine.git('hash-object', '-t', 'commit', '-w', forged))
  const id = good.slice(-16)
  await refused(travel('forged', [good]), `the signature of the key ${id} is that of something else`)
  const empty = join(store.path, 'empty')
  mkdirSync(empty, { mode: 0o700 })
  await refused(travel(commit, [good], { GNUPGHOME: empty }), `the key ${id} is not in your keyring`)
  execFileSync('gpgconf', ['--homedir', empty, '--kill', 'all'])
  rmSync(empty, { recursive: true })
  const settings = await store.write('gitconfig', '[gpg]\n  program = /nothing/gpg\n')
  await refused(
    travel(commit, [good], { GIT_CONFIG_GLOBAL: settings }),
    'gpg does not accept the signature: cannot run /nothing/gpg',
  )
})

test('a key of the keyring is none of ssh, whatever else the commit says of its signature', async () => {
  const empty = await store.write('signers', '')
  const signed = await sign(keys.good)
  const text = mine.git('cat-file', 'commit', signed)
  const rubbish = 'gpgsig-sha256 -----BEGIN SSH SIGNATURE-----\n AAAA\n -----END SSH SIGNATURE-----\n'
  const forged = await store.write('forged', `${text.replace('gpgsig ', `${rubbish}gpgsig `)}\n`)
  const commit = mine.git('hash-object', '-t', 'commit', '-w', forged)
  mine.git('update-ref', 'refs/heads/both', commit)
  const channel = { name: 'mine', url: `file://${mine.folder}`, signers: empty }
  const channels = await store.write(
    '../channels.json',
    JSON.stringify({ format: 'channels-1', channels: [channel] }),
  )
  const env = { GNUPGHOME: keyring(), STORE_CHANNELS: channels, GIT_CONFIG_GLOBAL: '/dev/null' }
  mine.git(
    'config',
    'gpg.program',
    await store.write('verify', `#!/bin/sh\nexec gpg --homedir '${keyring()}' "$@"\n`, 0o755),
  )
  mine.git('-c', `gpg.ssh.allowedSignersFile=${empty}`, 'verify-commit', commit)
  mine.git('config', '--unset', 'gpg.program')
  for (const [id, reason] of [
    [commit, 'it has several signatures'],
    [signed, 'it is signed by OpenPGP'],
  ] as const)
    await refused(
      store.run(['time-machine', `--commit=${id}`, '--channel=mine', '--', 'show', 'it'], { env }),
      reason,
    )
})
