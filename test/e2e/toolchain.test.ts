import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { clonedStore } from '../support/cloned.js'

const store = clonedStore()
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
  const file = await store.write('it.ts', recipeFile(await readFile(script, 'utf8')))
  const built = await store.run(['build', file])
  expect(built.status, built.stderr).toBe(0)

  const { stdout } = await store.run(['references', built.stdout.trim()])
  const names = stdout.split('\n').map(path => path.slice('/store/'.length + 33))
  expect(names.filter(name => name !== '').map(name => name.replace(/-[0-9].*/, ''))).toEqual(
    expect.arrayContaining(['glibc', 'it', 'zlib']),
  )
  expect(names.join(' ')).not.toMatch(/gcc|binutils|bash/)
})

test('hello speaks and refers to the C library alone', async () => {
  expect((await store.run(['run', 'hello'])).stdout).toBe('Hello, world!\n')
  const { stdout } = await store.run(['closure', 'hello'])
  expect(stdout).toMatch(
    /^\/store\/[0-9a-z]{32}-(glibc|hello)-\S+\n\/store\/[0-9a-z]{32}-(glibc|hello)-\S+\n$/,
  )
})

test('the headers of zlib lie apart from the library, and refer to it', async () => {
  const { stdout } = await store.run(['references', 'zlib:dev'])
  expect(stdout).toMatch(/-zlib-[0-9.]+\n/)
})
