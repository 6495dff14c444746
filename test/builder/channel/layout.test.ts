import { execFileSync } from 'node:child_process'
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openAt, openChannel } from '../../../builder/channel/open.js'
import { recipeFile } from '../../support/channel.js'
import { atCommit, bundled, lowerAt, setUp } from './support.js'

const description = (recipes: string): string => JSON.stringify({ format: 'channel-1', recipes })

/** A repository, and a folder beside it that has what a channel may have and is none of it. */
async function setUpVictim() {
  const world = await setUp()
  const victim = join(world.store.directory, 'victim')
  await mkdir(join(victim, 'builder/recipe'), { recursive: true })
  for (const [name, text] of [
    ['it.ts', recipeFile('it')],
    ['channel.json', description('.')],
    ['builder/recipe/index.ts', 'export const secret = 1'],
  ] as const)
    await writeFile(join(victim, name), text)
  const link = (target: string, name: string) => symlink(target, join(world.repository.folder, name))
  return { ...world, victim, link }
}

describe('a symlink of a channel', () => {
  test.each<readonly [what: string, link: string, target: string, files: Record<string, string>]>([
    ['its folder of recipes', 'recipes', '', {}],
    ['the folder that it names', 'packages', '', { 'channel.json': description('packages') }],
    ['a folder above that', 'a', '', { 'channel.json': description('a/builder') }],
    ['its description', 'channel.json', 'channel.json', { 'it.ts': recipeFile('it') }],
    ['the library', 'lib.ts', 'builder/recipe/index.ts', {}],
    ['a folder above the library', 'builder', 'builder', { 'it.ts': recipeFile('it') }],
  ])('leads to no other folder as %s', async (what, name, target, files) => {
    await using world = await setUpVictim()
    const { host, channel, repository, victim, link } = world
    if (what === 'the library') {
      await mkdir(join(repository.folder, 'builder/recipe'), { recursive: true })
      await link(join(victim, target), 'builder/recipe/index.ts')
    } else await link(join(victim, target), name)
    const commit = repository.commit(files)
    const refused = { code: 'BAD_CHANNEL', message: expect.stringContaining('symlink') }
    await expect(openChannel(host, channel)).rejects.toMatchObject(refused)
    await expect(openAt(host, channel, commit)).rejects.toMatchObject(refused)
  })

  test('may lead to its recipes in another folder of it, all of which then is the channel', async () => {
    await using world = await setUpVictim()
    const { host, channel, repository, link } = world
    await link('packages', 'recipes')
    const commit = repository.commit({ 'packages/it.ts': recipeFile('it'), 'other/it.ts': recipeFile('it') })
    const pin = async () => (await openChannel(host, channel)).pin()
    expect(await lowerAt(host, channel, commit)).toMatch(/-it-1\.drv$/)
    expect(await pin()).toMatchObject(atCommit(commit))
    await rm(join(repository.folder, 'recipes'))
    await link('other', 'recipes')
    expect(await pin()).toMatchObject(atCommit(commit, true))
    await rm(join(repository.folder, '.git'), { recursive: true })
    const before = await pin()
    await writeFile(join(repository.folder, 'other/it.ts'), recipeFile('changed'))
    expect(await pin()).not.toEqual(before)
  })

  test('may lead to the channel itself', async () => {
    await using world = await setUpVictim()
    const { host, repository, store } = world
    await bundled(repository)
    const commit = repository.commit({ 'recipes/it.ts': recipeFile('it') })
    const folder = join(store.directory, 'link')
    await symlink(repository.folder, folder)
    const opened = await openChannel(host, { name: 'mine', url: folder })
    expect(await opened.pin()).toMatchObject(atCommit(commit))
    expect(opened.world.channel.folder).toBe(join(repository.folder, 'recipes'))
    expect(opened.world.library).toBe(join(repository.folder, 'builder/recipe/index.ts'))
  })
})

test.each([
  ['by its name', 'node_modules/x'],
  ['through a symlink', 'packages'],
])('what every channel leaves out is no folder of recipes, %s', async (_how, recipes) => {
  await using world = await setUp()
  const { host, channel, repository } = world
  await symlink('node_modules/x', join(repository.folder, 'packages'))
  const files = { 'channel.json': description(recipes), 'node_modules/x/it.ts': recipeFile('it') }
  const commit = repository.commit(files)
  const refused = { code: 'BAD_CHANNEL', message: expect.stringContaining('leaves out') }
  await expect(openChannel(host, channel)).rejects.toMatchObject(refused)
  await expect(openAt(host, channel, commit)).rejects.toMatchObject({ code: 'BAD_CHANNEL' })
})

test('a description that is no file is refused, and not waited for', async () => {
  await using world = await setUp()
  const { host, channel, repository } = world
  execFileSync('mkfifo', [join(repository.folder, 'channel.json')])
  await expect(openChannel(host, channel)).rejects.toMatchObject({ code: 'BAD_CHANNEL' })
})
