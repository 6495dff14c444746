import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadedBy } from '../support/loaded.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'store-startup-'))
  await writeFile(join(folder, 'file'), 'content\n')
})
afterAll(() => rm(folder, { recursive: true }))

const load = (args: readonly string[]) => loadedBy(folder, args)

test.each([[['--version']], [['--help']], [['completion', 'bash']]])(
  '%j loads no package, and nothing slow of Node',
  async args => {
    expect(await load(args)).toMatchObject({ status: 0, packages: [], slow: [] })
  },
)

test('hash loads neither the database nor what reads recipes', async () => {
  const { packages } = await load(['hash', 'file'])
  expect(packages.filter(name => /level|esbuild|typescript/.test(name))).toEqual([])
})

test('list does not load the database', async () => {
  const { packages } = await load(['list'])
  expect(packages).toContain('esbuild')
  expect(packages.filter(name => /level|typescript/.test(name))).toEqual([])
})

test('list loads nothing that reads recipes when nothing has changed', async () => {
  await mkdir(join(folder, 'var'))
  await load(['list'])
  const { packages } = await load(['list'])
  expect(packages.filter(name => /esbuild|level/.test(name))).toEqual([])
})
