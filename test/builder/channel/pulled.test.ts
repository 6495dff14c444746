import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ChannelConfig } from '../../../builder/channel/config.js'
import type { ChannelHost } from '../../../builder/channel/host.js'
import { openChannel } from '../../../builder/channel/open.js'
import { pullChannel } from '../../../builder/channel/pull.js'
import { repositoryOf } from '../../../builder/channel/repository.js'
import { recipeFile } from '../../support/channel.js'
import { atCommit, setUp as setUpWorld } from './support.js'

/** A repository of a branch `main`, and `stable`, which ends one commit before; channels of each by the same URL. */
async function setUp() {
  const world = await setUpWorld()
  const { repository, store } = world
  const older = repository.commit({ 'it.ts': recipeFile('it') })
  repository.git('branch', 'stable')
  const newer = repository.commit({ 'new.ts': recipeFile('new') })
  const url = `file://${repository.folder}`
  const main: ChannelConfig = { name: 'main', url }
  const stable: ChannelConfig = { name: 'stable', url, branch: 'stable' }
  const signers = join(store.directory, 'signers')
  await writeFile(signers, '')
  const clone = repositoryOf(store, url).folder
  const pulledEarlier = async (record: string): Promise<void> => {
    for (const name of await readdir(join(store.state, 'channels')))
      if (name.includes('.pulled')) await rm(join(store.state, 'channels', name))
    await mkdir(join(store.state, 'channels'), { recursive: true })
    await writeFile(`${clone}.pulled`, `${record}\n`)
  }
  return { ...world, older, newer, url, main, stable, signers, clone, pulledEarlier }
}

const pointOf = async (host: ChannelHost, channel: ChannelConfig) => (await openChannel(host, channel)).pin()

describe('what was pulled', () => {
  test('is known of each channel of a URL, with the branch of each', async () => {
    await using world = await setUp()
    const { host, main, stable, older, newer } = world
    expect(await pullChannel(host, main, {})).toEqual({ commit: newer, before: undefined })
    expect(await pointOf(host, stable)).toMatchObject(atCommit(older))
    expect(await pointOf(host, main)).toMatchObject(atCommit(newer))
    for (const channel of [stable, main])
      expect(await pullChannel(host, channel, {})).toMatchObject({ before: expect.any(String) })
    expect(await pullChannel(host, { ...main, branch: 'stable' }, {})).toEqual({
      commit: older,
      before: undefined,
    })
  })

  test('is what the branch has, whatever tag is called like it', async () => {
    await using world = await setUp()
    const { host, main, stable, older, newer, repository } = world
    repository.git('update-ref', 'refs/tags/refs/store/head', older)
    repository.git('update-ref', 'refs/tags/refs/heads/stable', newer)
    repository.git('update-ref', 'refs/tags/refs/heads/gone', newer)
    expect(await pullChannel(host, main, {})).toMatchObject({ commit: newer })
    expect(await pullChannel(host, stable, {})).toMatchObject({ commit: older })
    await expect(pullChannel(host, { ...main, branch: 'gone' }, {})).rejects.toMatchObject({
      code: 'UNKNOWN_COMMIT',
    })
  })

  test('is unsigned for the channel alone for which somebody said so', async () => {
    await using world = await setUp()
    const { host, main, signers } = world
    await pullChannel(host, { ...main, signers }, { isUnsigned: true })
    expect((await openChannel(host, { ...main, signers })).name).toBe('main')
    await expect(openChannel(host, { ...main, name: 'other', signers })).rejects.toMatchObject({
      code: 'NOT_SIGNED',
    })
  })

  test('is fetched again when the clone is lost, and not what is the newest then', async () => {
    await using world = await setUp()
    const { host, main, newer, repository, clone } = world
    await pullChannel(host, main, {})
    repository.commit({ 'newer.ts': recipeFile('newer') })
    await rm(clone, { recursive: true })
    expect(await pointOf(host, main)).toMatchObject(atCommit(newer))
    repository.git('reset', '--quiet', '--hard', 'stable')
    await rm(clone, { recursive: true })
    // As often as it is asked for.
    for (let again = 0; again < 2; again++)
      await expect(openChannel(host, main)).rejects.toMatchObject({
        code: 'BAD_CHANNEL',
        hint: expect.stringContaining('store channel pull main --allow-downgrade'),
      })
  })
})

describe('a record of an older version, which is of a URL', () => {
  test('is of the channel whose branch has its commit, but signs nothing', async () => {
    await using world = await setUp()
    const { host, main, stable, older, newer, signers, pulledEarlier } = world
    await pullChannel(host, main, {})
    await pulledEarlier(`${newer} unsigned`)
    expect(await pointOf(host, stable)).toMatchObject(atCommit(older))
    await expect(openChannel(host, { ...main, signers })).rejects.toMatchObject({ code: 'NOT_SIGNED' })
    expect(await pointOf(host, main)).toMatchObject(atCommit(newer))
  })

  test('still keeps the channel from going back, also once its branch is moved', async () => {
    await using world = await setUp()
    const { host, main, newer, repository, pulledEarlier } = world
    await pullChannel(host, main, {})
    await pulledEarlier(newer)
    repository.git('branch', 'elsewhere')
    repository.git('reset', '--quiet', '--hard', 'stable')
    await expect(pullChannel(host, main, {})).rejects.toMatchObject({ code: 'DOWNGRADE' })
    await expect(pullChannel(host, main, {})).rejects.toMatchObject({ code: 'DOWNGRADE' })
    expect(await pointOf(host, main)).toMatchObject(atCommit(newer))
  })

  test('takes no channel back that has another name or branch later', async () => {
    await using world = await setUp()
    const { host, main, newer, repository, pulledEarlier } = world
    await pullChannel(host, main, {})
    await pulledEarlier(newer)
    const newest = repository.commit({ 'newest.ts': recipeFile('newest') })
    expect(await pullChannel(host, main, {})).toEqual({ commit: newest, before: newer })
    for (const renamed of [
      { ...main, name: 'renamed' },
      { ...main, branch: repository.git('branch', '--show-current') },
    ])
      expect(await pointOf(host, renamed)).toMatchObject(atCommit(newest))
  })

  test('is of every channel when no branch has its commit', async () => {
    await using world = await setUp()
    const { host, main, newer, repository, clone, pulledEarlier } = world
    await pullChannel(host, main, {})
    repository.git('reset', '--quiet', '--hard', 'stable')
    await rm(clone, { recursive: true })
    await pulledEarlier(newer)
    await expect(pullChannel(host, main, {})).rejects.toMatchObject({ code: 'DOWNGRADE' })
  })
})
