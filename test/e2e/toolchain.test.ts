import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, inject, test } from 'vitest'
import { runStore, temporaryRoot } from '../support/command.js'

const script = fileURLToPath(new URL('../support/compile.sh', import.meta.url))

const recipeFile = (script: string): string => `
import { recipe, text, trivial } from 'store/recipe'
import { toolchain } from 'store/channel/toolchain'
import { zlib } from 'store/channel/zlib'
const { glibc, gccLibs } = toolchain
export const it = recipe({
  name: 'it',
  version: '1',
  inputs: { ...toolchain, zlib },
  env: { glibc, gccLibs, zlib },
  phases: trivial(text(${JSON.stringify(script)})),
})
`

test('the toolchain compiles C and C++, static and shared, with threads, LTO and OpenMP', async () => {
  await using root = await temporaryRoot(inject('seeded'))
  const file = join(root.path, 'it.ts')
  await writeFile(file, recipeFile(await readFile(script, 'utf8')))
  const built = await runStore(root.path, ['build', file])
  expect(built.status, built.stderr).toBe(0)

  const { stdout } = await runStore(root.path, ['references', built.stdout.trim()])
  const names = stdout.split('\n').map(path => path.slice('/store/'.length + 33))
  expect(names.filter(name => name !== '').map(name => name.replace(/-[0-9].*/, ''))).toEqual(
    expect.arrayContaining(['glibc', 'it', 'zlib']),
  )
  expect(names.join(' ')).not.toMatch(/gcc|binutils|bash/)
})

test('hello speaks and refers to the C library alone', async () => {
  const seeded = inject('seeded')
  expect((await runStore(seeded, ['run', 'hello'])).stdout).toBe('Hello, world!\n')
  const { stdout } = await runStore(seeded, ['closure', 'hello'])
  expect(stdout).toMatch(
    /^\/store\/[0-9a-z]{32}-(glibc|hello)-\S+\n\/store\/[0-9a-z]{32}-(glibc|hello)-\S+\n$/,
  )
})

test('the headers of zlib lie apart from the library, and refer to it', async () => {
  const { stdout } = await runStore(inject('seeded'), ['references', 'zlib:dev'])
  expect(stdout).toMatch(/-zlib-[0-9.]+\n/)
})
