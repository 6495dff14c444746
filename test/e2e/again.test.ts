import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { answersTo } from '../../cli/answers.js'
import { clonedStore, recipeFile } from '../support/cloned.js'
import { installInto } from '../support/installed.js'
import { loadedBy } from '../support/loaded.js'
import { makeRepository } from '../support/repository.js'

const store = clonedStore()
const env = () => ({ STORE_ROOT: store.path, HOME: store.path })
const folder = () => join(store.path, 'program')
const program = () => join(folder(), 'dist/store.cjs')
const build = (name = 'hello') => loadedBy(store.path, ['build', name], { env: env(), program: program() })

/** Longer than a store, or a file, must have been at rest. */
const rest = () => delay(2100)

beforeAll(() => installInto(folder()))

test('what was built is told without a look into the database, until it is deleted', async () => {
  await rest()
  const first = await build()
  expect(first.packages).toContain('classic-level')
  const again = await build()
  expect(again).toMatchObject({ status: 0, stdout: first.stdout, stderr: '', packages: [], slow: [] })
  const recall = () => answersTo(['hello'], env(), dirname(program()))?.recall()
  expect(recall()).toEqual([first.stdout.trim()])
  expect(await store.run(['gc', '--delete', 'hello'])).toMatchObject({ status: 0 })
  expect(recall()).toBeUndefined()
})

test('what changes gave is looked at each time, until a commit has it, which is recorded', async () => {
  const repository = makeRepository(folder())
  repository.commit({ '.gitignore': 'dist\nnode_modules\n' })
  const made = recipeFile("export const it = make('changed', sh`echo it > $out`)")
  await writeFile(join(folder(), 'recipes/changed.ts'), made)
  await rest()
  const { stdout } = await build('changed')
  const again = () => build('changed')
  const about = () => store.run(['info', stdout.trim()])
  expect((await about()).stdout).toContain('with changes that are in no commit')
  expect(await again()).toMatchObject({ stdout, packages: expect.arrayContaining(['classic-level']) })
  const commit = repository.commit({})
  expect(await again()).toMatchObject({ stdout, packages: expect.arrayContaining(['classic-level']) })
  expect((await about()).stdout).toContain(`\ncommit: ${commit}\n`)
  expect(await again()).toMatchObject({ stdout, packages: [] })
})

/** A recipe file, one that it imports, and a file that it builds with. */
const recipes = {
  'it.ts': `
    import { localFile, recipe, sh, text, trivial } from 'store/recipe'
    import { words } from './lib/words.js'
    const make = (name, script) =>
      recipe({ name, version: '1', phases: trivial(script, { shell: text('/sh') }) })
    export const it = make('it', sh\`echo \${words} > $out\`)
    export const local = make('local', sh\`cat \${localFile('./data', import.meta.url)} > $out\`)
  `,
  'lib/words.ts': "export const words = 'first words'",
  data: 'first data',
}

describe('what a recipe file was lowered to', () => {
  const lower = (name: string) =>
    loadedBy(store.path, ['build', '--derivation', join(store.folder, `it.ts:${name}`)], { env: env() })
  const write = async (files: Readonly<Record<string, string>>) => {
    for (const [name, content] of Object.entries(files)) await store.write(name, content)
    await rest()
  }

  test('is told without lowering it, until a file that it imports changes or it was collected', async () => {
    await write(recipes)
    const first = await lower('it')
    expect(first).toMatchObject({ status: 0, packages: expect.arrayContaining(['esbuild']) })
    expect(await lower('it')).toMatchObject({ stdout: first.stdout, packages: [] })
    await write({ 'lib/words.ts': "export const words = 'other words'" })
    const other = await lower('it')
    expect(other.stdout).not.toBe(first.stdout)
    expect(await lower('it')).toMatchObject({ stdout: other.stdout, packages: [] })
    const path = other.stdout.trim()
    expect(await store.run(['gc', '--delete', path])).toMatchObject({ status: 0 })
    expect((await store.run(['info', path])).status).not.toBe(0)
    expect(await lower('it')).toMatchObject({ stdout: other.stdout })
    expect(await store.run(['info', path])).toMatchObject({ status: 0 })
  })

  test('is never told of one that builds with a local file, whose content may change', async () => {
    await write(recipes)
    const first = await lower('local')
    expect(first).toMatchObject({ status: 0, stdout: expect.stringContaining('local') })
    await write({ data: 'other data' })
    const other = await lower('local')
    expect(other.stdout).not.toBe(first.stdout)
  })
})
