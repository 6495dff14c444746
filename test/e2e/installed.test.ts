import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { clonedStore, recipeFile } from '../support/cloned.js'
import { installInto } from '../support/installed.js'
import { makeRepository } from '../support/repository.js'

const store = clonedStore()
const program = (name: string): string => join(store.path, name)
const channels = (): string => join(store.path, 'channels.json')

const install = (name: string): Promise<void> => installInto(program(name))

const run = (name: string, ...args: readonly string[]) =>
  store.run(args, {
    program: join(program(name), 'dist/store.cjs'),
    env: { STORE_CHANNELS: channels() },
  })

const refused = (code: string, hint: string) => ({
  status: 1,
  stdout: '',
  stderr: expect.stringMatching(new RegExp(`error\\[${code}\\]: .*\\nhint: .*${hint}.*\\n$`)),
})

beforeAll(async () => {
  for (const name of ['installed', 'newer']) await install(name)
  const toolchain = join(program('newer'), 'recipes/hello.ts')
  await writeFile(toolchain, `${await readFile(toolchain, 'utf8')}// newer\n`)
})

describe('a program that was installed without its history', () => {
  test('pins what it ships by its content, which a program goes back to that ships the same', async () => {
    const described = await run('installed', 'describe', '--json')
    expect(described.stderr).toMatch(
      /^the channel "store" can be gone back to only while it stays as it is: /,
    )
    const { library, channels: pinned } = JSON.parse(described.stdout)
    expect(library).toEqual({ url: 'shipped', content: expect.stringMatching(/^blake3-/) })
    expect(pinned).toEqual([{ name: 'store', ...library }])
    const pins = await store.write('pins.json', described.stdout)
    const back = (name: string) =>
      run(name, 'time-machine', '-C', pins, '--', 'build', 'hello', '--derivation')
    const { stdout } = await back('installed')
    expect(stdout).toMatch(/-hello-.*\.drv\n$/)
    await install('moved')
    expect(await back('moved')).toMatchObject({ status: 0, stdout })
    expect(await back('newer')).toMatchObject(refused('OTHER_CONTENT', 'Install the version'))
  })

  test('says so where a commit of its own is asked for', async () => {
    const build = ['--', 'build', 'hello', '--derivation']
    expect(await run('installed', 'time-machine', '--commit=main', ...build)).toMatchObject(
      refused('BAD_CHANNEL', 'Clone its repository'),
    )
  })

  test('pins for other channels the library that they are written against', async () => {
    await mkdir(program('mine'))
    const mine = makeRepository(program('mine'))
    const commit = mine.commit({ 'it.ts': recipeFile("export const it = make('it', sh`echo it > $out`)") })
    for (const words of [
      ['add', 'mine', mine.folder],
      ['remove', 'store'],
    ])
      expect(await run('installed', 'channel', ...words)).toMatchObject({ status: 0 })
    const described = await run('installed', 'describe', '--json')
    expect(described.stderr).toMatch(/^the recipe library can be gone back to only while /)
    const { library, channels: pinned } = JSON.parse(described.stdout)
    expect(pinned).toEqual([{ name: 'mine', url: mine.folder, commit, dirty: false }])
    const pins = await store.write('pins.json', described.stdout)
    const back = (name: string) => run(name, 'time-machine', '-C', pins, '--', 'build', 'it')
    const { stdout } = await back('installed')
    expect(stdout).toMatch(/-it-1\n$/)
    expect(await back('newer')).toMatchObject(refused('OTHER_CONTENT', 'Install the version'))
    expect((await run('installed', 'time-machine', '-C', pins, '--', 'describe', '--json')).stdout).toBe(
      described.stdout,
    )
    const info = await run('installed', 'info', stdout.trim())
    const command = `store time-machine --commit=${commit} --channel=${mine.folder} --library=${library.content} -- build it@1`
    expect(info.stdout).toContain(`\nrebuild: ${command}\n`)
    const words = command.split(' ').slice(1)
    expect(await run('installed', ...words)).toMatchObject({ status: 0, stdout })
    expect(await run('newer', ...words)).toMatchObject(refused('OTHER_CONTENT', 'Install the version'))
    // A clone with the history stands in for the program that has none.
    const clone = makeRepository(program('clone'))
    for (const part of ['recipes', 'builder/recipe'])
      await cp(join(program('installed'), part), join(clone.folder, part), { recursive: true })
    const url = clone.folder
    const replaced = { url, commit: clone.commit({}), dirty: false }
    await store.write('pins.json', JSON.stringify({ ...JSON.parse(described.stdout), library: replaced }))
    expect(await back('newer')).toMatchObject({ status: 0, stdout })
  })
})
