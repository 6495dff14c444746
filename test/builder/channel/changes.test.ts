import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openChannel } from '../../../builder/channel/open.js'
import { recipeFile } from '../../support/channel.js'
import { makeRepository, type TestRepository } from '../../support/repository.js'
import { atCommit, setUp } from './support.js'

const recipe = recipeFile('it', "source: localFile('./files', import.meta.url),")

/** A channel of one recipe that uses a folder; `isDirty` also says that it is at its commit. */
async function setUpFolder() {
  const world = await setUp()
  const { host, channel, repository } = world
  repository.commit({ 'it.ts': recipe, 'files/words': 'some words\nin two lines\n', 'files/run': 'run\n' })
  const isDirty = async (): Promise<boolean> => {
    const { point } = await (await openChannel(host, channel)).pin()
    expect(point).toMatchObject({ kind: 'commit', commit: repository.git('rev-parse', 'HEAD') })
    return point.kind === 'commit' && point.isDirty
  }
  return { ...world, isDirty, place: (name: string): string => join(repository.folder, name) }
}

/** Lets git write the files anew, as a clone would have them. */
async function checkOutAgain({ folder, git }: TestRepository): Promise<void> {
  await rm(join(folder, 'files'), { recursive: true })
  git('checkout', '--', 'files')
}

describe('a folder that git calls clean is dirty', () => {
  const changes: Readonly<Record<string, (repository: TestRepository) => Promise<unknown>>> = {
    'where git writes other line ends than the commit has': async repository => {
      repository.commit({ '.gitattributes': '* text eol=crlf\n' })
      await checkOutAgain(repository)
      expect(await readFile(join(repository.folder, 'files/words'), 'utf8')).toContain('\r\n')
    },
    'where a filter stands between it and the commit': async repository => {
      repository.git('config', 'filter.loud.clean', 'tr A-Z a-z')
      repository.git('config', 'filter.loud.smudge', 'tr a-z A-Z')
      repository.commit({ '.gitattributes': 'files/* filter=loud\n' })
      await checkOutAgain(repository)
      expect(await readFile(join(repository.folder, 'files/words'), 'utf8')).toContain('SOME WORDS')
    },
    'where git was told that a file does not change': ({ folder, git }) => {
      git('update-index', '--assume-unchanged', 'files/words')
      return writeFile(join(folder, 'files/words'), 'other')
    },
    'where git was told to leave a file alone': ({ folder, git }) => {
      git('update-index', '--skip-worktree', 'files/words')
      return rm(join(folder, 'files/words'))
    },
    'where git does not look whether files can be run': ({ folder, git }) => {
      git('config', 'core.fileMode', 'false')
      return chmod(join(folder, 'files/run'), 0o755)
    },
    'where a part of it is another repository': async repository => {
      const other = makeRepository(`${repository.folder}-other`)
      other.commit({ file: 'of another repository' })
      repository.git('submodule', '--quiet', 'add', other.folder, 'files/other')
      repository.commit({})
    },
    'where there is an empty folder, which is in no commit': ({ folder }) =>
      mkdir(join(folder, 'files/empty')),
  }

  test.each(Object.entries(changes))('%s', async (_what, change) => {
    await using world = await setUpFolder()
    const { repository, isDirty } = world
    expect(await isDirty()).toBe(false)
    await change(repository)
    expect(repository.git('status', '--porcelain')).toBe('')
    expect(await isDirty()).toBe(true)
  })
})

test('a folder that was compared with its commit is read again only where something has changed since', async () => {
  await using world = await setUpFolder()
  const { store, repository, isDirty, place } = world
  const remembered = join(store.state, 'cache/same-1')
  await writeFile(join(repository.folder, '.git/info/exclude'), 'ignored\n')
  expect(await isDirty()).toBe(false)
  expect(existsSync(remembered), 'the index is too new').toBe(false)
  await new Promise(resolve => setTimeout(resolve, 2100))
  expect(await isDirty()).toBe(false)
  expect(existsSync(remembered)).toBe(true)
  const notText = Buffer.concat([Buffer.from(place('files/')), Buffer.from([0xff])])
  const { atime } = await stat(place('files/words'))
  const words = await readFile(place('files/words'), 'utf8')
  for (const [change, undo] of [
    [() => writeFile(place('it.ts'), recipe.replace('it', 'et')), () => writeFile(place('it.ts'), recipe)],
    [() => rm(place('files/words')), () => writeFile(place('files/words'), words)],
    [() => mkdir(place('files/empty')), () => rm(place('files/empty'), { recursive: true })],
    [() => writeFile(place('files/ignored'), ''), () => rm(place('files/ignored'))],
    [() => writeFile(place('.hidden'), ''), () => rm(place('.hidden'))],
    [() => writeFile(notText, ''), () => rm(notText)],
    [() => chmod(place('files/run'), 0o755), () => chmod(place('files/run'), 0o644)],
    [() => repository.git('rm', '--cached', '--quiet', '-r', 'files'), undefined],
  ] as const) {
    await change()
    const isSame = undo === undefined
    expect(await isDirty(), String(change)).toBe(!isSame)
    await undo?.()
    await utimes(place('files/words'), atime, new Date(0))
    expect(await isDirty(), `no more: ${change}`).toBe(false)
  }
  // Whoever tells git not to look writes its index.
  repository.git('reset', '--quiet')
  repository.git('update-index', '--assume-unchanged', 'files/words')
  await new Promise(resolve => setTimeout(resolve, 2100))
  expect(await isDirty()).toBe(false)
  await writeFile(place('files/words'), 'other')
  expect(await isDirty()).toBe(true)
})

test('one folder of a repository is compared with what the commit has of it', async () => {
  await using world = await setUp()
  const { host, repository } = world
  const channel = { name: 'mine', url: join(repository.folder, 'some/where') }
  const commit = repository.commit({
    'some/where/it.ts': recipeFile('it'),
    'some/where/.conf': 'hidden',
    'some/other.ts': 'not of the channel',
  })
  const pin = async () => (await openChannel(host, channel)).pin()
  await writeFile(join(repository.folder, 'some/other.ts'), 'changed')
  expect(await pin()).toMatchObject(atCommit(commit))
  await writeFile(join(repository.folder, 'some/where/.conf'), 'changed')
  expect(await pin()).toMatchObject(atCommit(commit, true))
})

test('a submodule that is filled after its folder was found to be the same is a change', async () => {
  await using world = await setUpFolder()
  const { repository, isDirty, place } = world
  const other = makeRepository(`${repository.folder}-other`)
  other.commit({ file: 'of another repository' })
  repository.git('submodule', '--quiet', 'add', other.folder, 'files/other')
  repository.commit({})
  await rm(place('files/other'), { recursive: true })
  await new Promise(resolve => setTimeout(resolve, 2100))
  expect(await isDirty()).toBe(false)
  await mkdir(place('files/other'))
  await writeFile(place('files/other/file'), 'of another repository')
  expect(await isDirty()).toBe(true)
})
