import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseChannels } from '../../../builder/channel/config.js'
import { findInChannels, listAll } from '../../../builder/channel/find.js'
import type { ChannelHost } from '../../../builder/channel/host.js'
import { openAt, openChannel, resolveCommit, withStandard } from '../../../builder/channel/open.js'
import { pullChannel } from '../../../builder/channel/pull.js'
import { recipeFile } from '../../support/channel.js'
import { makeRepository } from '../../support/repository.js'
import { atCommit, bundled, lowerAt, lowerIn, setUp } from './support.js'

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
    const others = ['ssh://git@example.org/a', 'git@example.org:a', 'https://example.org/a@b'].map(
      (url, i) => ({
        name: String(i),
        url,
      }),
    )
    expect(parse(...others)).toEqual(others)
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
    [{ name: 'a', url: 'https://me:secret@example.org/a' }, 'a user or a password in its URL'],
    [{ name: 'a', url: 'https://token@example.org/a' }, 'a user or a password in its URL'],
    [{ name: 'a', url: 'ssh://me:secret@example.org/a' }, 'a user or a password in its URL'],
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

describe('the shipped channel', () => {
  test('is evaluated with the library that its pin is of, as it lies there, built or not', async () => {
    await using world = await setUp()
    const { repository } = world
    await bundled(repository)
    repository.commit({ 'recipes/it.ts': recipeFile('it') })
    const host: ChannelHost = { ...world.host, shipped: repository.folder }
    const shipped = { name: 'store', url: 'shipped' }
    const before = await lowerIn(await openChannel(host, shipped))
    const driver = join(repository.folder, 'builder/recipe/emit.ts')
    const changed = (await readFile(driver, 'utf8')).replace("'inputs',", "'renamed',")
    const commit = repository.commit({ 'builder/recipe/emit.ts': changed })
    const opened = await openChannel(host, shipped)
    expect(await opened.pin()).toMatchObject(atCommit(commit))
    const after = await lowerIn(opened)
    expect(after).not.toBe(before)
    expect(await lowerAt(host, { name: 'mine', url: repository.folder }, commit)).toBe(after)
    repository.commit({ 'builder/recipe/index.ts': undefined })
    await expect(openChannel(host, shipped)).rejects.toMatchObject({ code: 'BAD_CHANNEL' })
  })
})

describe('a channel that names no library', () => {
  test('is written against the shipped channel, also against that of another day', async () => {
    await using world = await setUp()
    const { store, repository, channel } = world
    const shipped = makeRepository(join(store.directory, 'shipped'))
    await bundled(shipped)
    const host: ChannelHost = { ...world.host, shipped: shipped.folder }
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

test('a repository that hashes with SHA-256 is fetched as one that hashes with SHA-1', async () => {
  await using world = await setUp()
  const { host, repository } = world
  await rm(join(repository.folder, '.git'), { recursive: true })
  repository.git('init', '--quiet', '--object-format=sha256')
  const channel = { name: 'far', url: `file://${repository.folder}` }
  const first = repository.commit({ 'it.ts': recipeFile('it') })
  expect(first).toMatch(/^[0-9a-f]{64}$/)
  expect(await pullChannel(host, channel, {})).toEqual({ commit: first, before: undefined })
  expect(await lowerAt(host, channel, first)).toMatch(/-it-1\.drv$/)
  const second = repository.commit({ 'new.ts': recipeFile('new') })
  expect(await pullChannel(host, channel, {})).toEqual({ commit: second, before: first })
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
  const { packages, mistakes } = await listAll(
    channels.map(channel => ({ name: channel.name, open: async () => channel })),
  )
  expect(packages.map(({ name, channel }) => [name, channel])).toEqual([
    ['a', 'second'],
    ['it', 'first'],
  ])
  expect(mistakes).toEqual([])
})

test('of several channels those packages are listed that can be, whatever is wrong with the others', async () => {
  await using world = await setUp()
  const { host, repository, channel, store } = world
  const good = Object.fromEntries(
    ['a', 'b', 'c', 'd', 'e', 'f'].map(name => [`${name}.ts`, recipeFile(name)]),
  )
  repository.commit({
    ...good,
    'bad.ts': recipeFile('bad', '', 'nothing.at.all()'),
    'needs-bad.ts': recipeFile('needs-bad', '', "import './bad.ts'"),
    'wrong.ts': 'export const it = {',
  })
  const gone = { name: 'gone', url: join(store.directory, 'gone') }
  const closed = [gone, channel].map(each => ({ name: each.name, open: () => openChannel(host, each) }))
  const { packages, mistakes } = await listAll(closed)
  expect(packages.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  expect(mistakes.map(({ message }) => message).sort()).toEqual([
    expect.stringMatching(/\/bad\.ts:3:1: .*nothing is not defined/),
    expect.stringMatching(/\/wrong\.ts:1:20: /),
    expect.stringContaining('there is no folder'),
  ])
})

describe('a package of the first channel', () => {
  /** Two channels: the first has `it` with an output more than usual, the second has `files`. */
  async function setUpTwo(files: Readonly<Record<string, string>>) {
    const world = await setUp()
    const { host, store, repository, notes } = world
    repository.commit({ 'it.ts': recipeFile('it', "outputs: ['out', 'dev']") })
    const second = makeRepository(join(store.directory, 'second'))
    second.commit(files)
    const channels = [
      await openChannel(host, { name: 'first', url: repository.folder }),
      await openChannel(host, { name: 'second', url: second.folder }),
    ]
    const find = async (text: string, among = channels) => {
      notes.length = 0
      return (await findInChannels(among, text, { cwd: '/', note: host.note })).channel!.name
    }
    return { ...world, channels, find }
  }

  test('is asked for no output of the second, which may have others', async () => {
    await using world = await setUpTwo({ 'it.ts': recipeFile('it') })
    expect(await world.find('it:dev')).toBe('first')
    expect(world.notes).toEqual(['"it" is of the channel "first"; second has it, too'])
    expect(await world.find('it@1:dev')).toBe('first')
    expect(world.notes).toEqual(['"it@1" is of the channel "first"; second has it, too'])
    await expect(world.find('it:doc')).rejects.toMatchObject({ code: 'UNKNOWN_OUTPUT' })
  })

  test('does not suffer from what is wrong with the second, which is told', async () => {
    await using world = await setUpTwo({ 'it.ts': "throw new Error('wrong')" })
    const { find, notes, channels } = world
    expect(await find('it')).toBe('first')
    expect(notes).toEqual([
      expect.stringMatching(
        /^whether the channel "second" has "it", too, cannot be seen: .*it\.ts:1:.*wrong/,
      ),
    ])
    await expect(find('nothing')).rejects.toMatchObject({ code: 'BAD_RECIPE' })
    await expect(find('it', channels.toReversed())).rejects.toMatchObject({ code: 'BAD_RECIPE' })
  })

  test('is not looked for any more once somebody interrupts that', async () => {
    await using world = await setUpTwo({ 'it.ts': recipeFile('it') })
    const [first, second] = world.channels
    const evaluator = { ...second!.world.evaluator, signal: AbortSignal.abort() }
    const stopped = { ...second!, world: { ...second!.world, evaluator } }
    await expect(world.find('it', [first!, stopped])).rejects.toMatchObject({ code: 'INTERRUPTED' })
  })
})
