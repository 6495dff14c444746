import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { refreshTypes, writeTypes } from '../../../builder/author/types.js'
import type { RecipeWorld } from '../../../builder/lower/roots.js'
import { temporaryDirectory } from '../../support/store.js'
import { filesIn } from '../fetch/support.js'

const world = (library: string) =>
  ({ library, channel: { name: 'channel', folder: '/recipes' } }) as RecipeWorld

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let clone: string
/** A clone of a channel that its author has types for. */
beforeEach(async () => {
  directory = await temporaryDirectory()
  const origin = join(directory.path, 'origin')
  await mkdir(origin)
  execFileSync('git', ['init', '--quiet', origin])
  await writeTypes(origin, world('/theirs/recipe.js'))
  execFileSync('git', ['-C', origin, 'add', '.'])
  const author = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'commit.gpgSign=false']
  execFileSync('git', ['-C', origin, ...author, 'commit', '--quiet', '-m', 'It'])
  clone = join(directory.path, 'clone')
  execFileSync('git', ['clone', '--quiet', origin, clone])
  await mkdir(join(clone, 'recipes'))
})

afterEach(() => directory[Symbol.asyncDispose]())

const settings = async () => JSON.parse(await readFile(join(clone, '.store/tsconfig.json'), 'utf8'))

test('refreshTypes() gives a clone what it lacks, which git does not see', async () => {
  expect(await filesIn(clone)).not.toContain('.store')
  refreshTypes(join(clone, 'recipes'), world('/ours/recipe.js'))
  const { compilerOptions } = await settings()
  expect(compilerOptions.paths['store/recipe']).toEqual(['/ours/types/builder/recipe/index.d.ts'])
  expect(execFileSync('git', ['-C', clone, 'status', '--porcelain'], { encoding: 'utf8' })).toBe('')
  refreshTypes(clone, world('/moved/recipe.js'))
  expect((await settings()).compilerOptions.paths['store/recipe'][0]).toMatch(/^\/moved\//)
})

test('refreshTypes() writes nothing where the settings are of somebody else', async () => {
  await writeFile(join(clone, 'recipes/tsconfig.json'), '{}\n')
  refreshTypes(join(clone, 'recipes'), world('/ours/recipe.js'))
  refreshTypes(directory.path, world('/ours/recipe.js'))
  expect(await filesIn(clone)).not.toContain('.store')
  expect(await filesIn(directory.path)).not.toContain('.store')
})

test('refreshTypes() writes nothing through what a channel has in its place', async () => {
  const other = join(directory.path, 'other')
  await mkdir(other)
  for (const target of [other, join(directory.path, 'nothing')]) {
    await symlink(target, join(clone, '.store'))
    refreshTypes(clone, world('/ours/recipe.js'))
    execFileSync('rm', [join(clone, '.store')])
  }
  expect(await filesIn(other)).toEqual([])
  expect(await filesIn(directory.path)).not.toContain('nothing')
})

test('refreshTypes() leaves an object as it is', async () => {
  await chmod(clone, 0o555)
  refreshTypes(clone, world('/ours/recipe.js'))
  expect(await filesIn(clone)).not.toContain('.store')
  await chmod(clone, 0o755)
})
