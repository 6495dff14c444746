import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { clonedStore, recipeFile } from '../support/cloned.js'

const store = clonedStore()

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
