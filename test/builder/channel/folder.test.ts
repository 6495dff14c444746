import { execFileSync } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openChannel, openPoint, resolveCommit } from '../../../builder/channel/open.js'
import { pullChannel } from '../../../builder/channel/pull.js'
import { recipeFile } from '../../support/channel.js'
import { makeRepository } from '../../support/repository.js'
import { atCommit, lowerAt, lowerIn, setUp } from './support.js'

describe('a repository of another user', () => {
  test('is used as it lies there, and for no commit', async ({ skip }) => {
    if (process.getuid!() !== 0) return skip('only root can give a folder away')
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
  })
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

describe('hidden files', () => {
  const uses = (path: string): string => recipeFile('it', `source: localFile('${path}', import.meta.url),`)

  test('are used from a folder as from its commit', async () => {
    await using world = await setUp()
    const { host, channel, repository } = world
    const commit = repository.commit({
      'it.ts': uses('./files'),
      'files/.conf': 'hidden',
      'files/.d/.more': 'deeper',
      'imports.ts': recipeFile('imports', 'outputs,', "import { outputs } from './.lib/x.ts'"),
      '.lib/x.ts': "export const outputs = ['out', 'dev']",
    })
    for (const name of ['it', 'imports'])
      expect(await lowerAt(host, channel, commit, name)).toBe(
        await lowerIn(await openChannel(host, channel), name),
      )
    const before = await lowerAt(host, channel, commit)
    const after = repository.commit({ 'files/.conf': 'other' })
    expect(await lowerAt(host, channel, after)).not.toBe(before)
  })

  test.each(['node_modules/it', '.store/it', '.git/hooks'])(
    'of %s are no part of a channel, and cannot be used',
    async place => {
      await using world = await setUp()
      const { host, channel, repository } = world
      repository.commit({
        'it.ts': uses(`./${place}/file`),
        'tree.ts': uses('./tree').replace("'it'", "'tree'"),
        'tree/some': '',
        'imports.ts': recipeFile('imports', '', `import './${place}/file.ts'`),
      })
      for (const folder of ['', 'tree']) {
        const there = join(repository.folder, folder, place)
        await mkdir(there, { recursive: true })
        for (const name of ['file', 'file.ts']) await writeFile(join(there, name), '')
      }
      const opened = await openChannel(host, channel)
      for (const name of ['it', 'tree', 'imports'])
        await expect(lowerIn(opened, name)).rejects.toMatchObject({
          code: 'BAD_RECIPE',
          message: expect.stringContaining('channels leave out'),
        })
    },
  )

  test('of a plain folder are part of its content', async () => {
    await using world = await setUp()
    const { host, store } = world
    const folder = join(store.directory, 'plain')
    const channel = { name: 'plain', url: folder }
    await mkdir(join(folder, 'files'), { recursive: true })
    await writeFile(join(folder, 'it.ts'), uses('./files'))
    await writeFile(join(folder, 'files/.conf'), 'hidden')
    const { point } = await (await openChannel(host, channel)).pin()
    expect((await openPoint(host, channel, point)).name).toBe('plain')
    await writeFile(join(folder, 'files/.conf'), 'changed')
    await expect(openPoint(host, channel, point)).rejects.toMatchObject({ code: 'OTHER_CONTENT' })
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

describe('a bare repository', () => {
  test('is no folder of recipes, but one to fetch from and to go back in', async () => {
    await using world = await setUp()
    const { host, repository, store } = world
    const commit = repository.commit({ 'it.ts': recipeFile('it') })
    const bare = { name: 'bare', url: join(store.directory, 'a bare.git') }
    repository.git('clone', '--quiet', '--bare', '.', bare.url)
    const url = `file://${store.directory}/a%20bare.git`
    const refused = { code: 'BAD_CHANNEL', hint: `Name it by its URL: ${url}` }
    await expect(openChannel(host, bare)).rejects.toMatchObject(refused)
    await expect(openChannel(host, { ...bare, signers: '/dev/null' })).rejects.toMatchObject(refused)
    const dotGit = { name: 'git', url: join(repository.folder, '.git') }
    await expect(openChannel(host, dotGit)).rejects.toMatchObject({ code: 'BAD_CHANNEL' })
    expect(await pullChannel(host, { name: 'far', url }, {})).toMatchObject({ commit })
    expect(await lowerAt(host, bare, await resolveCommit(host, bare, 'main'))).toMatch(/-it-1\.drv$/)
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
