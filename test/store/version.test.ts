import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStore } from '../../store/index.js'
import { makeKeeper } from '../../store/keeper.js'
import { type Migration, migrate } from '../../store/version.js'
import { keeperProgram, storeOptions, temporaryDirectory } from '../support/store.js'

const steps: readonly Migration[] = [
  { from: '1', to: '2', run: async state => writeFile(join(state, 'two'), 'two', { flag: 'a' }) },
  { from: '2', to: '3', run: async state => writeFile(join(state, 'three'), 'three', { flag: 'a' }) },
]

async function stateOf(version: string) {
  const temporary = await temporaryDirectory()
  await mkdir(join(temporary.path, 'var/locks'), { recursive: true })
  await writeFile(join(temporary.path, 'var/version'), `${version}\n`)
  return temporary
}

test('an older store is migrated, step by step, once', async () => {
  await using temporary = await stateOf('1')
  const state = join(temporary.path, 'var')
  await using keeper = makeKeeper(keeperProgram)
  await Promise.all([1, 2, 3].map(() => migrate(keeper, state, '3', steps)))
  expect(await readFile(join(state, 'two'), 'utf8')).toBe('two')
  expect(await readFile(join(state, 'three'), 'utf8')).toBe('three')
  expect(await readFile(join(state, 'version'), 'utf8')).toBe('3\n')
})

test('a migration that fails leaves the version it came to', async () => {
  await using temporary = await stateOf('1')
  const state = join(temporary.path, 'var')
  await using keeper = makeKeeper(keeperProgram)
  const broken = { ...steps[1]!, run: () => Promise.reject(new Error('broken')) }
  await expect(migrate(keeper, state, '3', [steps[0]!, broken])).rejects.toThrow('broken')
  expect(await readFile(join(state, 'version'), 'utf8')).toBe('2\n')
  await migrate(keeper, state, '3', steps)
  expect(await readFile(join(state, 'version'), 'utf8')).toBe('3\n')
})

test('a newer store is refused, and left as it is', async () => {
  await using temporary = await stateOf('99')
  await expect(openStore(storeOptions(temporary.path))).rejects.toMatchObject({ code: 'NEWER_STORE' })
  expect(await readFile(join(temporary.path, 'var/version'), 'utf8')).toBe('99\n')
})
