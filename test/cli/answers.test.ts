import {
  cpSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { witness } from '../../builder/index.js'
import { answersTo, decodeAnswer, encodeAnswer } from '../../cli/answers.js'
import { temporaryDirectory } from '../support/store.js'

/** Longer than a place must have been at rest. */
const REST = 2100

const path = '/store/acm9a9cbs6a5mnj77mv8xh5a30v2380j-hello-2.10'

/** A machine as far as answers look at it, with the answer to `hello`. */
async function machine() {
  const directory = await temporaryDirectory()
  const at = (name: string) => join(directory.path, name)
  for (const folder of ['root/var', 'root/store', 'dist', 'config/store', `root${path}`])
    mkdirSync(at(folder), { recursive: true })
  for (const file of ['root/var/version', 'dist/command.cjs', 'dist/evaluate.cjs', 'it.ts'])
    writeFileSync(at(file), '')
  const askAt = (root: string, ...words: string[]) =>
    answersTo(words, { STORE_ROOT: at(root), XDG_CONFIG_HOME: at('config') }, at('dist'))
  const ask = (...words: string[]) => askAt('root', ...words)
  const remember = () => ask('hello')?.remember([path], [witness(at('it.ts'))])
  return { at, ask, askAt, remember, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() }
}

describe('an entry', () => {
  const answer = {
    world: [['/config/channels.json', '-']] as const,
    witnesses: [['/channel/it.ts', '1 2 33188 4 5 6']] as const,
    paths: [path],
  }

  test('has the bytes in golden/answer.txt', async () => {
    await expect(encodeAnswer(answer)).toMatchFileSnapshot('../golden/answer.txt')
  })

  test('is read as it was written, and counts as absent when it is not whole', () => {
    const text = encodeAnswer(answer)
    expect(decodeAnswer(text)).toEqual(answer)
    for (let at = 0; at < text.length - 1; at++) expect(decodeAnswer(text.slice(0, at))).toBeUndefined()
    for (const other of ['', 'null', '[]', text.replace('"paths":', '"path":'), text.replace('[["', '[[')])
      expect(decodeAnswer(other)).toBeUndefined()
    expect(decodeAnswer(text.replace('answers-1', 'answers-2'))).toBeUndefined()
  })
})

test('what was printed once is printed again, for the same words alone', async () => {
  await using here = await machine()
  await delay(REST)
  here.remember()
  expect(here.ask('hello')?.recall()).toEqual([path])
  expect(here.ask('hello', 'zlib')?.recall()).toBeUndefined()
  for (const words of [
    [],
    ['--check', 'hello'],
    ['--derivation=x', 'hello'],
    ['../hello'],
    ['./nowhere/it.ts'],
    ['-o', 'x', 'hello'],
    ['x'.repeat(231)],
  ])
    expect(here.ask(...words), words.join(' ')).toBeUndefined()
})

test('a recipe file has one answer, by whatever path it is named, until another one lies there', async () => {
  await using here = await machine()
  for (const folder of ['a', 'b']) mkdirSync(here.at(folder))
  symlinkSync('a', here.at('link'))
  await delay(REST)
  const linked = `${here.at('link')}/it.ts`
  here.ask('--derivation', linked)?.remember([path], [witness(here.at('it.ts'))])
  for (const same of [linked, here.at('a/it.ts'), `${here.at('b')}/../a/it.ts`])
    expect(here.ask('--derivation', same)?.recall(), same).toEqual([path])
  for (const other of [here.at('b/it.ts'), `${linked}:it`, `${linked}::dev`])
    expect(here.ask('--derivation', other)?.recall(), other).toBeUndefined()
  expect(here.ask(linked)?.recall()).toBeUndefined()
  unlinkSync(here.at('link'))
  symlinkSync('b', here.at('link'))
  expect(here.ask('--derivation', linked)?.recall()).toBeUndefined()
})

test('a copy of the store has no answers until it has its own', async () => {
  await using here = await machine()
  await delay(REST)
  here.remember()
  cpSync(here.at('root'), here.at('copy'), { recursive: true, preserveTimestamps: true })
  expect(here.askAt('copy', 'hello')?.recall()).toBeUndefined()
})

test('nothing is remembered while something it depends on has only just changed', async () => {
  await using here = await machine()
  here.remember()
  expect(readdirSync(here.at('root/var'))).toEqual(['version'])
})

describe('an answer no longer holds when', () => {
  test.concurrent.each<[string, (at: (name: string) => string) => void]>([
    ['a recipe changes', at => writeFileSync(at('it.ts'), 'x')],
    ['objects were deleted', at => utimesSync(at('root/var/version'), new Date(), new Date())],
    ['the object is gone', at => rmSync(at(`root${path}`), { recursive: true })],
    ['the user chose channels', at => writeFileSync(at('config/store/channels.json'), '')],
    ['the channel describes itself', at => writeFileSync(at('channel.json'), '{}')],
    ['the program changes', at => writeFileSync(at('dist/command.cjs'), 'x')],
    ['what evaluates recipes changes', at => writeFileSync(at('dist/evaluate.cjs'), 'x')],
    ['its entry is damaged', at => writeFileSync(at('root/var/cache/answers-1/hello'), '{"format":')],
  ])('%s', async (_, change) => {
    await using here = await machine()
    await delay(REST)
    here.remember()
    expect(here.ask('hello')?.recall()).toEqual([path])
    change(here.at)
    expect(here.ask('hello')?.recall()).toBeUndefined()
  })
})
