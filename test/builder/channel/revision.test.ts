import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Repository } from '../../../builder/channel/repository.js'
import { resolveRevision } from '../../../builder/channel/resolve.js'
import { makeRepository } from '../../support/repository.js'
import { temporaryStore } from '../../support/store.js'

/** A repository of two commits, and how names of commits are read in it; `notes` is what was told meanwhile. */
async function setUp() {
  const store = await temporaryStore()
  const repository = makeRepository(join(store.directory, 'channel'))
  const [first, second] = [repository.commit({}), repository.commit({ more: 'more' })]
  const notes: string[] = []
  const folder: Repository = { url: repository.folder, folder: repository.folder, isOwn: false }
  const resolve = (revision: string): Promise<string> =>
    resolveRevision({ store, note: text => notes.push(text) }, folder, revision)
  return { repository, first, second, notes, resolve, [Symbol.asyncDispose]: store[Symbol.asyncDispose] }
}

describe('a name of a commit', () => {
  test('that is a full id means that commit, whatever is called so', async () => {
    await using world = await setUp()
    const { repository, first, notes, resolve } = world
    for (const kind of ['branch', 'tag']) repository.git(kind, first, 'HEAD')
    expect(await resolve(first)).toBe(first)
    expect(await resolve(first.toUpperCase())).toBe(first)
    expect(notes).toEqual([])
  })

  test('that begins an id means a branch or tag that is called so, and says what else it could', async () => {
    await using world = await setUp()
    const { repository, first, second, notes, resolve } = world
    const short = first.slice(0, 7)
    expect(await resolve(short)).toBe(first)
    expect(notes).toEqual([])
    repository.git('branch', short, second)
    expect(await resolve(short)).toBe(second)
    expect(notes).toEqual([`"${short}" is taken for the branch of this name, not for the commit ${first}`])
    expect(await resolve(first.slice(0, 8))).toBe(first)
    repository.git('tag', short, first)
    expect(await resolve(short)).toBe(first)
    expect(notes.slice(1)).toEqual([
      `"${short}" is taken for the tag of this name, not for the branch, which is refs/heads/${short}`,
    ])
    expect(await resolve(`refs/heads/${short}`)).toBe(second)
  })

  test('that is HEAD, or the full one of a ref, means that, whatever tag or branch is called so', async () => {
    await using world = await setUp()
    const { repository, first, second, notes, resolve } = world
    for (const name of ['HEAD', 'refs/heads/main', 'refs/heads/gone', 'refs/tags/v1', 'refs/store/head'])
      for (const kind of ['tags', 'heads']) repository.git('update-ref', `refs/${kind}/${name}`, first)
    for (const name of ['HEAD', 'refs/heads/main']) expect(await resolve(name)).toBe(second)
    for (const name of ['refs/heads/gone', 'v1', 'refs/store/head'])
      await expect(resolve(name), name).rejects.toMatchObject({ code: 'UNKNOWN_COMMIT' })
    repository.git('tag', '-a', '-m', 'of a tag', 'v1', 'main')
    repository.git('tag', '-a', '-m', 'twice', 'v2', 'v1')
    for (const name of ['v2', 'refs/tags/v2']) expect(await resolve(name)).toBe(second)
    expect(notes).toEqual([])
  })

  test('means the same whatever git is set to', async () => {
    await using world = await setUp()
    const { repository, first, second, resolve } = world
    const settings = '[core]\n  disambiguate = tree\n  warnAmbiguousRefs = false\n  abbrev = 40\n'
    writeFileSync(join(repository.folder, '.git/config'), settings, { flag: 'a' })
    repository.git('branch', 'deadbee', second)
    expect(await resolve('deadbee')).toBe(second)
    expect(await resolve(first.slice(0, 4))).toBe(first)
    expect(await resolve('HEAD~1')).toBe(first)
  })

  test('can be a branch of a remote, which one of its own goes before', async () => {
    await using world = await setUp()
    const { repository, first, second, resolve } = world
    repository.git('update-ref', 'refs/remotes/origin/theirs', first)
    expect(await resolve('origin/theirs')).toBe(first)
    repository.git('branch', 'origin/theirs', second)
    expect(await resolve('origin/theirs')).toBe(second)
  })

  test.each([
    '',
    'nothing',
    '--help',
    '-1',
    'main:more',
    'a\nb',
    'main\n',
    '@{upstream}',
    '*',
    'ffff',
    '..',
    '^main',
    '^HEAD~1',
    'f'.repeat(64),
  ])('cannot be %j', async revision => {
    await using world = await setUp()
    await expect(world.resolve(revision)).rejects.toMatchObject({ code: 'UNKNOWN_COMMIT' })
  })
})
