import { copyFileSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { findPackage } from '../../../builder/lower/packages.js'
import { decodeEntry, encodeEntry, evaluateOnce } from '../../../builder/lower/remember.js'
import type { Emission } from '../../../builder/recipe/index.js'
import { evaluator, recipeFile, recipeLibrary, writeChannel } from '../../support/channel.js'
import { temporaryDirectory } from '../../support/store.js'

/** Longer than a place must have been at rest. */
const REST = 2100

const emission: Emission = { format: 'recipes-2', world: 'linux-2', packages: [], nodes: [], changed: [] }

const memoryIn = (path: string) => {
  mkdirSync(join(path, 'var'))
  return { state: join(path, 'var'), objects: join(path, 'store') }
}

const entriesIn = (path: string): string[] => {
  const folder = join(path, 'var/cache/evaluations-1')
  return readdirSync(folder).map(name => join(folder, name))
}

describe('an entry', () => {
  const witnesses = [['/channel/it.ts', '1 2 33188 4 5 6']] as const

  test('has the bytes in golden/evaluation.txt', async () => {
    await expect(encodeEntry(witnesses, emission)).toMatchFileSnapshot('../../golden/evaluation.txt')
  })

  test('is read as it was written, and counts as absent when any part of it is lost or altered', () => {
    const text = encodeEntry(witnesses, emission)
    expect(decodeEntry(text)).toEqual({ witnesses, emission })
    for (let at = 0; at < text.length; at++) {
      expect(decodeEntry(text.slice(0, at))).toBeUndefined()
      expect(decodeEntry(`${text.slice(0, at)}\u0001${text.slice(at + 1)}`)).toBeUndefined()
    }
  })
})

test('what lies among the objects is remembered at once, another question is another entry', async () => {
  await using directory = await temporaryDirectory()
  const memory = memoryIn(directory.path)
  let times = 0
  const ask = (question: unknown) =>
    evaluateOnce(memory, question, async () => ({
      emission: { ...emission, changed: [String(times++)] },
      places: [join(memory.objects, 'x/recipes/it.ts')],
    }))
  const first = await ask({ files: ['a'] })
  expect(await ask({ files: ['a'] })).toEqual(first)
  expect(await ask({ files: ['b'] })).not.toEqual(first)
  writeFileSync(entriesIn(directory.path)[0]!, '{}\n')
  writeFileSync(entriesIn(directory.path)[1]!, '')
  expect(await ask({ files: ['a'] })).not.toEqual(first)
})

test('a file that changes again within one tick of the clock is evaluated again', async () => {
  await using directory = await temporaryDirectory()
  const memory = memoryIn(directory.path)
  const file = join(directory.path, 'it.ts')
  for (let i = 0; i < 20; i++) {
    writeFileSync(file, `${i % 10}`)
    utimesSync(file, 1, 1)
    const {
      emission: { changed },
    } = await evaluateOnce(memory, 'it', async () => ({
      emission: { ...emission, changed: [readFileSync(file, 'utf8')] },
      places: [file],
    }))
    expect(changed).toEqual([`${i % 10}`])
  }
})

/** What each change of a channel at rest makes of the name of the second output. */
describe('a channel at rest is evaluated once, until', () => {
  test.concurrent.each([
    ['a file that was read changes', 'channel/lib/name.ts', "export const name = 'other'", 'other'],
    [
      'a file appears that takes the place of one',
      'channel/lib/name.tsx',
      "export const name = 'new'",
      'new',
    ],
    ['the library changes', 'library/recipe.js', `${readFileSync(recipeLibrary, 'utf8')}\n//`, 'first'],
    ['a description of a package appears above it', 'package.json', '{}', 'first'],
    ['the program changes', 'evaluate.cjs', readFileSync(evaluator.program, 'utf8'), 'first'],
  ])('%s', async (_what, changed, content, expected) => {
    await using directory = await temporaryDirectory()
    const place = (name: string): string => join(directory.path, name)
    const written = await writeChannel(place('channel'), {
      'it.ts': recipeFile('it', "outputs: ['out', name]", "import { name } from './lib/name'"),
      'lib/name.ts': "export const name = 'first'",
    })
    mkdirSync(place('library'))
    copyFileSync(recipeLibrary, place('library/recipe.js'))
    copyFileSync(evaluator.program, place('evaluate.cjs'))
    const world = { ...written, library: place('library/recipe.js'), memory: memoryIn(directory.path) }
    const find = async (sandbox = evaluator.sandbox) =>
      (
        await findPackage({ ...world, evaluator: { sandbox, program: place('evaluate.cjs') } }, 'it', {
          cwd: '/',
        })
      ).package.outputs[1]
    // Without a sandbox nothing can be evaluated.
    const recall = () => find('/nonexistent')
    await expect(recall()).rejects.toThrow('ENOENT')
    await delay(REST)
    expect(await find()).toBe('first')
    expect(await recall()).toBe('first')
    writeFileSync(place(changed), content)
    await expect(recall()).rejects.toThrow('ENOENT')
    expect(await find()).toBe(expected)
  })
})
