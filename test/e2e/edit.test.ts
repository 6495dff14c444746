import { execFileSync } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { clonedStore, recipeFile } from '../support/cloned.js'

const store = clonedStore()
const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')

test('store edit opens the recipe at its line, in VISUAL before EDITOR', async () => {
  const file = await store.write(
    'two.ts',
    recipeFile("\nexport const a = make('a', sh`:`)\nexport const b = make('b', sh`:`)\n"),
  )
  const line =
    (await readFile(file, 'utf8')).split('\n').findIndex(text => text.includes('export const b')) + 1
  const editor = await store.write('vim', '#!/bin/sh\necho "$0: $*"\nexit 7\n', 0o755)
  const ran = await store.run(['edit', './two.ts:b'], { env: { VISUAL: `${editor} -w`, EDITOR: 'false' } })
  expect(ran).toMatchObject({ status: 7, stdout: `${editor}: -w +${line} ${file}\n`, stderr: '' })
  const other = await store.write('other', '#!/bin/sh\necho "$*"\n', 0o755)
  const hello = await store.run(['edit', 'hello'], { env: { EDITOR: other } })
  expect(hello).toMatchObject({ status: 0, stderr: '' })
  expect(hello.stdout).toMatch(/^\/.*\/recipes\/hello\.ts\n$/)
})

test('store edit says so when there is no such editor', async () => {
  const ran = await store.run(['edit', 'hello'], { env: { EDITOR: join(store.folder, 'nothing') } })
  expect(ran.status).toBe(2)
  expect(ran.stderr).toContain('error[USAGE]: The editor')
})

test('store edit and store lint give the types of a clone to editors', async () => {
  await store.write('clone/tsconfig.json', '{ "extends": "./.store/tsconfig.json" }\n')
  const file = await store.write(
    'clone/it.ts',
    `import { toolchain } from 'store/channel/toolchain'
import { gnu, recipe } from 'store/recipe'

export const it = recipe({ name: 'it', version: '1', inputs: { ...toolchain }, phases: gnu() })
`,
  )
  const cwd = dirname(file)
  for (const words of [
    ['edit', './it.ts'],
    ['lint', '--offline'],
  ]) {
    await store.run(words, { cwd, env: { EDITOR: 'true' } })
    execFileSync(process.execPath, [compiler, '-p', cwd], { stdio: 'inherit' })
    await rm(join(cwd, '.store'), { recursive: true })
  }
})
