import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runStore } from '../support/command.js'

const observer = fileURLToPath(new URL('../support/loaded.cjs', import.meta.url))

/** Modules of Node's own that take milliseconds to load. */
const slow = ['child_process', 'crypto', 'http', 'https', 'tls', 'vm', 'worker_threads', 'zlib']

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'store-startup-'))
  await writeFile(join(folder, 'file'), 'content\n')
})
afterAll(() => rm(folder, { recursive: true }))

async function load(args: readonly string[]) {
  const file = join(folder, 'loaded.json')
  const env = { NODE_OPTIONS: `--require=${observer}`, STORE_LOADED: file }
  const { status, stderr } = await runStore(folder, args, { env })
  const loaded: { packages: string[]; builtins: string[] } = JSON.parse(await readFile(file, 'utf8'))
  return {
    status,
    stderr,
    packages: loaded.packages,
    slow: slow.filter(name => loaded.builtins.includes(name)),
  }
}

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
