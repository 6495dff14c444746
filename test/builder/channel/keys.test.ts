import { execFileSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { parseChannels, readUrl, withKeysOf } from '../../../builder/channel/config.js'
import { openAt, openChannel } from '../../../builder/channel/open.js'
import { parsePins } from '../../../builder/channel/pins.js'
import { pullChannel } from '../../../builder/channel/pull.js'
import { recipeFile } from '../../support/channel.js'
import { makeRepository, type TestRepository } from '../../support/repository.js'
import { atCommit, setUp } from './support.js'

/** Two ssh keys, and a file that allows one of them to sign. */
async function makeKeys(folder: string) {
  const key = (name: string): string => {
    const file = join(folder, name)
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file])
    return file
  }
  const [good, bad] = [key('good'), key('bad')]
  const signers = join(folder, 'signers')
  await writeFile(signers, `tester@example.org ${await readFile(`${good}.pub`, 'utf8')}`)
  return { good, bad, signers }
}

/** Makes a commit that a key signed. */
const signing =
  (repository: TestRepository) =>
  (key: string): string => {
    repository.git('config', 'gpg.format', 'ssh')
    repository.git('config', 'user.signingKey', key)
    return repository.commit({ 'it.ts': recipeFile('it', `// ${key}`) }, '-S')
  }

afterEach(() => void vi.unstubAllEnvs())

describe('a channel that names its keys', () => {
  test('gives of a folder what they signed, and nothing that is in no commit', async () => {
    await using world = await setUp()
    const { host, repository, store } = world
    const { good, bad, signers } = await makeKeys(store.directory)
    const channel = { name: 'mine', url: repository.folder, signers }
    const refused = (reason: string) =>
      expect(openChannel(host, channel)).rejects.toMatchObject({
        code: 'NOT_SIGNED',
        message: expect.stringContaining(reason),
      })
    const sign = signing(repository)
    const commit = sign(good)
    const { world: opened, pin } = await openChannel(host, channel)
    expect(await pin()).toMatchObject(atCommit(commit))
    expect(opened.channel.folder).toContain(store.objects)
    await writeFile(join(repository.folder, 'it.ts'), recipeFile('it', '// changed'))
    await refused('changes that are in no commit')
    sign(bad)
    await refused('No principal matched')
    repository.commit({})
    await refused('it is not signed')
    const plain = join(store.directory, 'plain')
    await mkdir(plain)
    await expect(openChannel(host, { ...channel, url: plain })).rejects.toMatchObject({
      code: 'NOT_SIGNED',
      message: expect.stringContaining('plain folder'),
    })
  })

  test('takes commits that an ssh key of them signed, and no others', async () => {
    await using world = await setUp()
    const { host, repository, store } = world
    const { good, bad, signers } = await makeKeys(store.directory)
    const channel = { name: 'mine', url: repository.folder, signers }
    const sign = signing(repository)
    const signed = sign(good)
    expect((await openAt(host, channel, signed)).name).toBe('mine')
    for (const commit of [sign(bad), repository.commit({})])
      await expect(openAt(host, channel, commit)).rejects.toMatchObject({ code: 'NOT_SIGNED' })
    for (const [signature, isUnsigned] of [
      ['waived', true],
      ['verified', false],
    ] as const)
      expect(await (await openAt(host, channel, sign(bad), { signature })).pin()).toMatchObject({
        isUnsigned,
      })
    const pgp = { name: 'mine', url: repository.folder, fingerprints: ['A'.repeat(40)] }
    await expect(openAt(host, pgp, signed)).rejects.toMatchObject({ code: 'NOT_SIGNED' })
  })

  test.each([
    ['has expired', '20200101', '2019-06-01T00:00:00Z', 'its key has expired'],
    ['is good', '20990101', '2019-06-01T00:00:00Z', undefined],
  ])(
    'takes a key for what it is today: one that %s, whenever the commit says it was made',
    async (...row) => {
      const [, until, date, reason] = row
      await using world = await setUp()
      const { host, repository, store } = world
      const { good, signers } = await makeKeys(store.directory)
      const key = await readFile(`${good}.pub`, 'utf8')
      await writeFile(signers, `tester@example.org,*@example.com valid-before="${until}" ${key}`)
      vi.stubEnv('GIT_COMMITTER_DATE', date)
      const commit = signing(repository)(good)
      repository.git('-c', `gpg.ssh.allowedSignersFile=${signers}`, 'verify-commit', commit)
      const opened = openAt(host, { name: 'mine', url: repository.folder, signers }, commit)
      if (reason === undefined) expect((await opened).name).toBe('mine')
      else
        await expect(opened).rejects.toMatchObject({ message: expect.stringContaining(`trusts: ${reason}`) })
    },
  )

  test('reads the signature that git verifies, also where commits have ids of another length', async () => {
    await using world = await setUp()
    const { host, store } = world
    const { good, bad, signers } = await makeKeys(store.directory)
    const folder = join(store.directory, 'longer')
    execFileSync('git', ['init', '--quiet', '--object-format=sha256', folder])
    const repository = makeRepository(folder)
    const channel = { name: 'mine', url: folder, signers }
    const sign = signing(repository)
    const commit = sign(good)
    expect(commit).toHaveLength(64)
    expect((await openAt(host, channel, commit)).name).toBe('mine')
    await expect(openAt(host, channel, sign(bad))).rejects.toMatchObject({ code: 'NOT_SIGNED' })
  })

  test('is looked at again when what was pulled is opened, unless it was pulled unsigned', async () => {
    await using world = await setUp()
    const { host, repository, store } = world
    const commit = repository.commit({ 'it.ts': recipeFile('it') })
    const far = { name: 'far', url: `file://${repository.folder}` }
    const signers = join(store.directory, 'signers')
    await writeFile(signers, '')
    expect(await pullChannel(host, far, {})).toMatchObject({ commit })
    expect((await openChannel(host, far)).name).toBe('far')
    await expect(openChannel(host, { ...far, signers })).rejects.toMatchObject({ code: 'NOT_SIGNED' })
    await pullChannel(host, { ...far, signers }, { isUnsigned: true })
    expect((await openChannel(host, { ...far, signers })).name).toBe('far')
  })

  test('asks for them however its folder is spelt', () => {
    const file = {
      format: 'channels-1',
      channels: [{ name: 'mine', url: '/x/mine/', signers: '/signers' }],
    }
    const known = parseChannels(JSON.stringify(file), 'f')
    expect(known).toEqual([{ ...file.channels[0], url: '/x/mine' }])
    for (const url of ['/x/mine/', '/x/./mine', '//x/mine', '/x/y/../mine']) {
      expect(readUrl(url)).toBe('/x/mine')
      const pin = { url, commit: 'a'.repeat(40), dirty: false }
      const pins = { format: 'pins-2', library: pin, channels: [{ name: 'other', ...pin }] }
      const { channels, library } = parsePins(JSON.stringify(pins), 'f')
      expect(library!.url).toBe('/x/mine')
      expect(withKeysOf(known, channels[0]!)).toMatchObject({ url: '/x/mine', signers: '/signers' })
    }
    expect(readUrl('file:///x/mine/')).toBe('file:///x/mine/')
  })

  test('asks for them whatever a file of pins calls it', () => {
    const mine = { name: 'mine', url: 'https://example.org/mine.git', signers: '/signers', priority: 1 }
    const { name, url, signers } = mine
    expect(withKeysOf([mine], { name, url })).toEqual({ name, url, signers })
    expect(withKeysOf([mine], { name: 'other', url })).toEqual({ name: 'other', url, signers })
    expect(withKeysOf([mine], { name, url: '/elsewhere' })).toEqual({ name, url: '/elsewhere', signers })
    expect(withKeysOf([mine], { name: 'other', url: '/elsewhere' })).toEqual({
      name: 'other',
      url: '/elsewhere',
    })
  })
})
