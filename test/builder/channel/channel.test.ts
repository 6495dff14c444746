import { execFileSync } from 'node:child_process'
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type ChannelConfig, parseChannels, withKeysOf } from '../../../builder/channel/config.js'
import { findInChannels, listAll } from '../../../builder/channel/find.js'
import type { Pin } from '../../../builder/channel/folder.js'
import type { ChannelHost } from '../../../builder/channel/host.js'
import { openAt, openChannel, openPoint, resolveCommit, withStandard } from '../../../builder/channel/open.js'
import { pullChannel } from '../../../builder/channel/pull.js'
import { lower } from '../../../builder/lower/lower.js'
import { evaluator, recipeFile, recipeLibrary } from '../../support/channel.js'
import { makeRepository, type TestRepository } from '../../support/repository.js'
import { temporaryStore } from '../../support/store.js'

const shipped = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')

/** A store, a host that tells what it notes, and a repository `channel` beside them. */
async function setUp() {
  const store = await temporaryStore()
  const notes: string[] = []
  const host: ChannelHost = {
    state: store.state,
    shipped,
    library: recipeLibrary,
    evaluator,
    note: text => notes.push(text),
    openStore: async () => store,
  }
  const repository = makeRepository(join(store.directory, 'channel'))
  const channel: ChannelConfig = { name: 'mine', url: repository.folder }
  return { store, host, notes, repository, channel, [Symbol.asyncDispose]: store[Symbol.asyncDispose] }
}

const atCommit = (commit: string, isDirty = false): Pick<Pin, 'point'> => ({
  point: { kind: 'commit', commit, isDirty },
})

/** The derivation of the package `it` at a commit. */
async function lowerAt(
  host: ChannelHost,
  channel: ChannelConfig,
  commit: string,
  name = 'it',
): Promise<string> {
  const found = await findInChannels([await openAt(host, channel, commit)], name, {
    cwd: '/',
    note: () => {},
  })
  const { nodes } = await lower(found.emission, found.roots)
  return nodes[found.package.node!]!.path
}

const bundled = (repository: TestRepository): Promise<void> =>
  cp(join(shipped, 'builder/recipe'), join(repository.folder, 'builder/recipe'), { recursive: true })

describe('parseChannels', () => {
  const parse = (...channels: unknown[]) =>
    parseChannels(JSON.stringify({ format: 'channels-1', channels }), 'f')

  test('reads what it knows', () => {
    const channel = {
      name: 'a',
      url: 'https://example.org/a.git',
      branch: 'main',
      priority: 1,
      signers: '/k',
    }
    expect(parse(channel)).toEqual([channel])
  })

  test.each([
    ['no record', 'x', 'is not a record'],
    ['another format', '{"format":"channels-2","channels":[]}', 'its format'],
    ['no list', '{"format":"channels-1"}', 'not a list'],
  ])('refuses %s', (_what, text, reason) => {
    expect(() => parseChannels(text, 'f')).toThrow(reason)
  })

  test.each([
    [{ name: 'a' }, 'lacks a name or url'],
    [{ name: '../a', url: '/a' }, 'wrong name'],
    [{ name: 'a', url: '--upload-pack=x' }, 'wrong url'],
    [{ name: 'a', url: 'ext::sh -c x' }, 'wrong url'],
    [{ name: 'a', url: 'https://me:secret@example.org/a' }, 'wrong url'],
    [{ name: 'a', url: '/a', branch: '-x' }, 'wrong branch'],
    [{ name: 'a', url: '/a', toString: 1 }, 'unknown field "toString"'],
    [{ name: 'a', url: '/a', signers: 'relative' }, 'wrong signers'],
    [null, 'not a record'],
  ])('refuses %j', (channel, reason) => {
    expect(() => parse(channel)).toThrow(reason)
  })

  test('refuses two of one name', () => {
    expect(() => parse({ name: 'a', url: '/a' }, { name: 'a', url: '/b' })).toThrow('two channels')
  })
})

describe('a commit', () => {
  test('gives the same derivation for ever, with the library of its time', async () => {
    await using world = await setUp()
    const { host, channel, repository } = world
    await bundled(repository)
    const first = repository.commit({ 'recipes/it.ts': recipeFile('it') })
    const before = await lowerAt(host, channel, first)
    // The library changes what every recipe means; then recipes are bumped and renamed.
    const driver = join(repository.folder, 'builder/recipe/emit.ts')
    const changed = (await readFile(driver, 'utf8')).replace("'inputs',", "'incompatible',")
    const second = repository.commit({ 'builder/recipe/emit.ts': changed })
    const third = repository.commit({ 'recipes/it.ts': undefined, 'recipes/new.ts': recipeFile('renamed') })
    const after = await lowerAt(host, channel, second)
    expect(after).not.toBe(before)
    await expect(lowerAt(host, channel, third)).rejects.toMatchObject({ code: 'UNKNOWN_PACKAGE' })
    // From the commits alone, in another store.
    await using other = await setUp()
    expect(await lowerAt(other.host, channel, first)).toBe(before)
    expect(await lowerAt(other.host, channel, second)).toBe(after)
    expect(await lowerAt(other.host, channel, third, 'renamed')).not.toBe(after)
  })

  test('is found by its id, its beginning, a tag and a branch; others are refused by name', async () => {
    await using world = await setUp()
    const { host, channel, repository } = world
    const id = repository.commit({ 'it.ts': recipeFile('it') })
    repository.git('tag', '-a', 'v1', '-m', 'first')
    repository.git('branch', 'other')
    for (const name of [id, id.slice(0, 8), 'v1', 'other', 'HEAD'])
      expect(await resolveCommit(host, channel, name)).toBe(id)
    for (const name of ['nothing', '--help', 'f'.repeat(40), 'main:it.ts', ''])
      await expect(resolveCommit(host, channel, name)).rejects.toMatchObject({ code: 'UNKNOWN_COMMIT' })
    const plain = { name: 'plain', url: join(world.store.directory, 'var') }
    await expect(resolveCommit(host, plain, 'HEAD')).rejects.toMatchObject({ code: 'BAD_CHANNEL' })
  })

  test('that is ambiguous is refused with what it may mean', async () => {
    await using world = await setUp()
    const { host, channel, repository } = world
    const starts = new Map<string, string>()
    repository.commit({ 'it.ts': recipeFile('it') })
    for (let i = 0; i < 2000; i++) {
      const commit = repository.git('commit-tree', 'HEAD^{tree}', '-m', String(i))
      const twin = starts.get(commit.slice(0, 4))
      if (twin) {
        await expect(resolveCommit(host, channel, commit.slice(0, 4))).rejects.toMatchObject({
          code: 'AMBIGUOUS_COMMIT',
          hint: expect.stringContaining(twin),
        })
        return
      }
      starts.set(commit.slice(0, 4), commit)
    }
    throw new Error('no two commits start alike')
  })

  test('whose objects were changed or lost is refused', async () => {
    await using world = await setUp()
    const { host, channel, repository } = world
    const id = repository.commit({ 'it.ts': recipeFile('it'), 'other.ts': recipeFile('other') })
    const blob = (name: string): string => {
      const hash = repository.git('rev-parse', `HEAD:${name}`)
      return join(repository.folder, '.git/objects', hash.slice(0, 2), hash.slice(2))
    }
    await rm(blob('it.ts'))
    await expect(openAt(host, channel, id)).rejects.toMatchObject({ code: 'DAMAGED_CLONE' })
    await cp(blob('other.ts'), blob('it.ts'), { force: true })
    await expect(openAt(host, channel, id)).rejects.toMatchObject({ code: 'DAMAGED_CLONE' })
  })

  test('of a shallow clone that lacks it says so', async () => {
    await using world = await setUp()
    const { host, repository } = world
    const first = repository.commit({ 'it.ts': recipeFile('it') })
    repository.commit({ 'it.ts': recipeFile('it', "outputs: ['out', 'dev']") })
    const shallow = join(world.store.directory, 'shallow')
    repository.git('clone', '--quiet', '--depth=1', `file://${repository.folder}`, shallow)
    await expect(resolveCommit(host, { name: 's', url: shallow }, first)).rejects.toMatchObject({
      code: 'UNKNOWN_COMMIT',
      hint: expect.stringContaining('--unshallow'),
    })
  })

  test('without recipes has no packages', async () => {
    await using world = await setUp()
    const { host, channel, repository } = world
    const id = repository.commit({ README: 'nothing yet' })
    await expect(lowerAt(host, channel, id)).rejects.toMatchObject({ code: 'UNKNOWN_PACKAGE' })
  })
})

describe('a library that is pinned', () => {
  const pin = (url: string, commit: string): string =>
    JSON.stringify({ format: 'channel-1', library: { url, commit } })

  test('is the one recipes are evaluated with', async () => {
    await using world = await setUp()
    const { host, channel, repository, store } = world
    const carrier = makeRepository(join(store.directory, 'carrier'))
    await bundled(carrier)
    const old = carrier.commit({ 'recipes/base.ts': recipeFile('base') })
    carrier.commit({ 'builder/recipe/index.ts': 'export const nothing = 1' })
    const needsBase = "import { it as base } from 'store/channel/base'"
    const id = repository.commit({
      'it.ts': recipeFile('it', 'inputs: { base },', needsBase),
      'channel.json': pin(carrier.folder, old),
    })
    expect(await lowerAt(host, channel, id)).toContain('it-1.drv')
  })

  test('cannot lead back to its channel: no commit knows the id of a later one', async () => {
    await using world = await setUp()
    const { host, channel, repository, store } = world
    const other = makeRepository(join(store.directory, 'other'))
    const first = repository.commit({ 'channel.json': pin(other.folder, '0'.repeat(40)) })
    const back = other.commit({ 'channel.json': pin(repository.folder, first) })
    const id = repository.commit({ 'channel.json': pin(other.folder, back) })
    await expect(openAt(host, channel, id)).rejects.toMatchObject({ code: 'UNKNOWN_COMMIT' })
  })

  test.each([
    ['{}', 'has the format'],
    ['[]', 'is no record'],
    ['{"format":"channel-1","recipes":"../x"}', 'no folder of the channel'],
    ['{"format":"channel-1","library":{"url":"/x","commit":"main"}}', 'full commit id'],
    ['{"format":"channel-1","lib":1}', 'unknown field "lib"'],
  ])('is not read from %s', async (text, reason) => {
    await using world = await setUp()
    const id = world.repository.commit({ 'channel.json': text })
    await expect(openAt(world.host, world.channel, id)).rejects.toThrow(reason)
  })
})

describe('a channel that names no library', () => {
  test('is written against the shipped channel, also against that of another day', async () => {
    await using world = await setUp()
    const { store, repository, channel } = world
    const shipped = makeRepository(join(store.directory, 'shipped'))
    await bundled(shipped)
    const host: ChannelHost = {
      ...world.host,
      shipped: shipped.folder,
      library: join(shipped.folder, 'builder/recipe/index.ts'),
    }
    const needsBase = "import { it as base } from 'store/channel/base'"
    const id = repository.commit({ 'it.ts': recipeFile('it', 'inputs: { base },', needsBase) })
    const first = shipped.commit({ 'recipes/base.ts': recipeFile('base') })
    const before = await lowerAt(host, channel, id)
    expect(await (await openAt(host, channel, id)).standard()).toMatchObject(atCommit(first))
    const second = shipped.commit({ 'recipes/base.ts': recipeFile('base', "outputs: ['out', 'dev']") })
    const after = await lowerAt(host, channel, id)
    expect(after).not.toBe(before)
    const then = withStandard(host, { name: 'store', url: 'shipped' }, atCommit(first).point)
    expect(await lowerAt(then, channel, id)).toBe(before)
    expect(await (await openAt(then, channel, id)).standard()).toMatchObject(atCommit(first))
    expect(await (await openChannel(host, channel)).standard()).toMatchObject(atCommit(second))
    await writeFile(join(shipped.folder, 'recipes/base.ts'), recipeFile('changed'))
    expect(await (await openChannel(host, channel)).standard()).toMatchObject(atCommit(second, true))
    const carrier = { name: 'store', url: shipped.folder }
    expect(await (await openAt(host, carrier, first)).standard()).toBeUndefined()
  })
})

describe('a channel that is fetched', () => {
  test('is used offline, pulled forwards, and back only when told', async () => {
    await using world = await setUp()
    const { host, notes, repository, store } = world
    const first = repository.commit({ 'it.ts': recipeFile('it') })
    const channel = { name: 'far', url: `file://${repository.folder}` }
    expect(await pullChannel(host, channel, {})).toEqual({ commit: first, before: undefined })
    const second = repository.commit({ 'it.ts': recipeFile('it', "outputs: ['out', 'dev']") })
    expect(await (await openChannel(host, channel)).pin()).toMatchObject(atCommit(first))
    expect(await pullChannel(host, channel, {})).toEqual({ commit: second, before: first })
    repository.git('reset', '--quiet', '--hard', first)
    await expect(pullChannel(host, channel, {})).rejects.toMatchObject({ code: 'DOWNGRADE' })
    expect(await pullChannel(host, channel, { mayDowngrade: true })).toMatchObject({ commit: first })
    await rm(repository.folder, { recursive: true })
    expect(await lowerAt(host, channel, await resolveCommit(host, channel, first.slice(0, 10)))).toContain(
      'it',
    )
    expect(await resolveCommit(host, channel, 'main')).toBe(first)
    expect(notes.at(-1)).toContain('using what was fetched before')
    await expect(resolveCommit(host, channel, 'nothing')).rejects.toMatchObject({
      code: 'CHANNEL_UNREACHABLE',
    })
    await expect(pullChannel(host, { name: 'no', url: 'file:///nowhere' }, {})).rejects.toMatchObject({
      code: 'CHANNEL_UNREACHABLE',
    })
    expect((await readdir(join(store.state, 'channels'))).filter(name => name.endsWith('.git'))).toHaveLength(
      1,
    )
  })
})

const isRoot = process.getuid!() === 0

describe('a repository of another user', () => {
  test.skipIf(!isRoot)(
    'is used as it lies there, and for no commit (needs root, to give it away)',
    async () => {
      await using world = await setUp()
      const { host, channel, repository, store } = world
      const commit = repository.commit({ 'it.ts': recipeFile('it') })
      const far = { name: 'far', url: `file://${repository.folder}` }
      await pullChannel(host, far, {})
      const clone = join(store.state, 'channels')
      for (const folder of [repository.folder, clone]) execFileSync('chown', ['-R', '61234:61234', folder])
      const { point, problem } = await (await openChannel(host, channel)).pin()
      expect({ point, problem }).toEqual({
        point: { kind: 'content', content: expect.any(String) },
        problem: `git does not read the repository "${repository.folder}", which belongs to another user`,
      })
      expect((await openPoint(host, channel, point)).name).toBe('mine')
      const refused = {
        code: 'FOREIGN_REPOSITORY',
        hint: expect.stringContaining('git config --global --add safe.directory'),
      }
      await expect(resolveCommit(host, channel, commit)).rejects.toMatchObject(refused)
      await expect(resolveCommit(host, channel, 'main')).rejects.toMatchObject(refused)
      await expect(resolveCommit(host, far, commit)).rejects.toMatchObject(refused)
      await expect(openChannel(host, far)).rejects.toMatchObject(refused)
      await expect(pullChannel(host, far, {})).rejects.toMatchObject(refused)
      await expect(openChannel(host, { ...channel, signers: '/dev/null' })).rejects.toMatchObject({
        code: 'NOT_SIGNED',
        message: expect.stringContaining('another user'),
      })
    },
  )
})

describe('a folder that no commit has', () => {
  test('can be gone back to as long as its recipes are the same', async () => {
    await using world = await setUp()
    const { host, store } = world
    const folder = join(store.directory, 'plain')
    const channel = { name: 'plain', url: folder }
    await mkdir(folder)
    await writeFile(join(folder, 'it.ts'), recipeFile('it'))
    const { point, problem } = await (await openChannel(host, channel)).pin()
    expect(problem).toContain('plain folder')
    expect((await openPoint(host, channel, point)).name).toBe('plain')
    await expect(openPoint(host, { ...channel, url: 'file:///elsewhere' }, point)).rejects.toMatchObject({
      code: 'BAD_CHANNEL',
    })
    await writeFile(join(folder, 'it.ts'), recipeFile('changed'))
    await expect(openPoint(host, channel, point)).rejects.toMatchObject({
      code: 'OTHER_CONTENT',
      hint: expect.stringContaining('Put its files back'),
    })
    await writeFile(join(folder, 'it.ts'), recipeFile('it'))
    makeRepository(folder).commit({ README: 'now with history' })
    await expect(openPoint(host, channel, point)).rejects.toMatchObject({ code: 'OTHER_CONTENT' })
    await rm(join(folder, 'README'))
    expect((await openPoint(host, channel, point)).name).toBe('plain')
  })
})

describe('a folder', () => {
  test('is as dirty as what recipes can see of it, also where git ignores that', async () => {
    await using world = await setUp()
    const { host, channel, repository } = world
    const commit = repository.commit({
      'packages/it.ts': recipeFile('it'),
      'channel.json': '{"format":"channel-1","recipes":"packages"}',
      '.gitignore': 'local.ts\n',
    })
    const pin = async () => (await openChannel(host, channel)).pin()
    const write = (name: string) => writeFile(join(repository.folder, name), 'changed')
    await write('README.md')
    expect(await pin()).toMatchObject(atCommit(commit))
    await write('packages/local.ts')
    expect(await pin()).toMatchObject(atCommit(commit, true))
  })

  test('is dirty when recipes differ from its commit', async () => {
    await using world = await setUp()
    const { host, channel, repository } = world
    const commit = repository.commit({ 'it.ts': recipeFile('it') })
    expect(await (await openChannel(host, channel)).pin()).toMatchObject(atCommit(commit))
    await writeFile(join(repository.folder, 'new.ts'), recipeFile('new'))
    expect(await (await openChannel(host, channel)).pin()).toMatchObject(atCommit(commit, true))
  })
})

describe('a folder of a repository', () => {
  test('is the channel, of which the rest is no part, now and at a commit', async () => {
    await using world = await setUp()
    const { host, repository } = world
    const channel = { name: 'mine', url: join(repository.folder, '.config/store') }
    const commit = repository.commit({
      '.config/store/it.ts': recipeFile('it'),
      'recipes/it.ts': recipeFile('another'),
    })
    const there = (name: string): string => join(repository.folder, name)
    await writeFile(there('recipes/it.ts'), recipeFile('changed'))
    expect(await (await openChannel(host, channel)).pin()).toMatchObject(atCommit(commit))
    expect(await lowerAt(host, channel, commit)).toMatch(/-it-1\.drv$/)
    await expect(lowerAt(host, { ...channel, url: repository.folder }, commit)).rejects.toMatchObject({
      code: 'UNKNOWN_PACKAGE',
    })
    await writeFile(there('.config/store/it.ts'), recipeFile('changed'))
    expect(await (await openChannel(host, channel)).pin()).toMatchObject(atCommit(commit, true))
    await mkdir(there('ignored'))
    const ignored = await openChannel(host, { name: 'mine', url: there('ignored') })
    expect(await ignored.pin()).toMatchObject({
      point: { kind: 'content' },
      problem: expect.stringContaining('plain folder'),
    })
    repository.commit({ '.config/store/it.ts': undefined, '.config/store/new.ts': recipeFile('new') })
    expect(await lowerAt(host, channel, commit)).toMatch(/-it-1\.drv$/)
  })
})

test('of two channels that have a package the first gives it, and the other is told', async () => {
  await using world = await setUp()
  const { host, repository, store, notes } = world
  repository.commit({ 'it.ts': recipeFile('it'), 'a.ts': recipeFile('a') })
  const other = makeRepository(join(store.directory, 'other'))
  other.commit({ 'it.ts': recipeFile('it', "outputs: ['out', 'dev']") })
  const channels = [
    await openChannel(host, { name: 'first', url: other.folder }),
    await openChannel(host, { name: 'second', url: repository.folder }),
  ]
  const found = await findInChannels(channels, 'it', { cwd: '/', note: host.note })
  expect(found.channel!.name).toBe('first')
  expect(notes).toEqual(['"it" is of the channel "first"; second has it, too'])
  expect((await listAll(channels)).map(({ name, channel }) => [name, channel])).toEqual([
    ['a', 'second'],
    ['it', 'first'],
  ])
})

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
    expect((await openAt(host, channel, sign(bad), { isUnsigned: true })).name).toBe('mine')
    const pgp = { name: 'mine', url: repository.folder, fingerprints: ['A'.repeat(40)] }
    await expect(openAt(host, pgp, signed)).rejects.toMatchObject({ code: 'NOT_SIGNED' })
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
