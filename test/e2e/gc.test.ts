import { chmod, lstat, readlink, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStore } from '../../store/index.js'
import { clonedStore } from '../support/cloned.js'
import { expectSound } from '../support/crashes.js'
import { scriptRecipe } from '../support/recipes.js'
import { storeOptions } from '../support/store.js'

const store = clonedStore()

async function print(...args: string[]): Promise<string> {
  const { stdout, stderr, status } = await store.run(args)
  expect(status, stderr).toBe(0)
  return stdout.trimEnd()
}

test('an out-link keeps what was built, with all it needs, until it is deleted', async () => {
  const hello = await print('build', '-o', 'result', 'hello')
  const link = join(store.folder, 'result')
  expect(await readlink(link)).toBe(join(store.path, hello))
  expect(await print('root', 'list')).toBe(`${link}\t${hello}`)
  const live = await print('gc', '--list-live')
  for (const path of (await print('closure', 'hello')).split('\n')) expect(live).toContain(path)
  const dead = (await print('gc', '--list-dead')).split('\n')
  expect(dead.length).toBeGreaterThan(10)
  // Not the same number: processes of other tests' builds, while they end, may seem to use some of these objects.
  const [, told = ''] = /would delete (\d+) objects/.exec(await print('gc', '-n')) ?? []
  expect(Number(told)).toBeGreaterThan(10)
  const { stderr, status } = await store.run(['gc', '--delete', 'hello'])
  expect(stderr).toContain(`the link "${link}" keeps it`)
  expect(status).toBe(1)
  await rm(link)
  expect(await print('root', 'list')).toBe('')
})

test('gc deletes what nothing keeps, and what is left works', async () => {
  const hello = await print('build', 'hello')
  const zlib = await print('build', 'zlib')
  await print('root', 'add', 'greeter', 'hello')
  expect(await print('gc', '--list-roots')).toContain(`${hello}\tthe root "greeter"`)
  expect(await print('gc', '--json').then(JSON.parse)).toMatchObject({
    dry: false,
    rest: { logs: expect.any(Number) },
  })
  expect(await print('run', 'hello')).toBe('Hello, world!')
  await expect(lstat(join(store.path, zlib))).rejects.toThrow('ENOENT')
  await using opened = await openStore(storeOptions(store.path))
  await expectSound(opened)
})

test('a build beside collections has its inputs, and its result while it links it', async () => {
  const file = await store.write('slow.ts', scriptRecipe('sleep 2; echo done > "$out"'))
  const built = store.run(['build', file, '-o', 'slow'])
  let isOver = false
  void built.finally(() => {
    isOver = true
  })
  while (!isOver) await print('gc')
  const { stdout, stderr, status } = await built
  expect(status, stderr).toBe(0)
  expect(await readlink(join(store.folder, 'slow'))).toBe(join(store.path, stdout.trim()))
  expect((await lstat(join(store.path, stdout.trim()))).isFile()).toBe(true)
})

test('why-depends names the file and the byte, and size lists the largest first', async () => {
  await print('build', 'hello')
  const glibc = (await print('closure', 'hello')).split('\n').find(path => path.includes('-glibc-'))!
  expect(await print('why-depends', 'hello', glibc)).toMatch(/-hello-2.10 -> .*\n {2}bin\/hello: byte [0-9]+/)
  const { status, stderr } = await store.run(['why-depends', glibc, 'hello'])
  expect(status).toBe(1)
  expect(stderr).toContain('error[NO_DEPENDENCY]')
  const sizes = JSON.parse(await print('size', 'hello', '--json'))
  expect(sizes.objects[0].path).toBe(glibc)
  expect(sizes.objects.at(-1).closure).toBe(sizes.size)
})

test('verify tells what is wrong and what to do, and repairs what it can', async () => {
  const hello = await print('build', 'hello')
  expect(await print('verify', '--contents')).toBe('')
  // Files are shared with the seeded store, directories are not.
  const damaged = join(store.path, hello, 'bin')
  const { mode } = await lstat(damaged)
  await chmod(damaged, 0o755)
  const { status, stdout } = await store.run(['verify'])
  expect(stdout).toContain(`metadata: ${hello}: bin: its mode is 0755. `)
  expect(status).toBe(1)
  expect(await print('verify', '--repair', '--json').then(JSON.parse)).toEqual({ problems: [], repaired: 1 })
  expect((await lstat(damaged)).mode).toBe(mode)
})

test.each([
  [['gc', 'hello'], 'error[USAGE]'],
  [['gc', '--delete'], 'error[USAGE]'],
  [['gc', '-n', '--list-dead'], 'exclude each other'],
  [['gc', '--max-freed', 'much'], 'error[USAGE]'],
  [['root', 'frob'], 'error[USAGE]'],
  [['root', 'add', 'x'], 'error[USAGE]'],
])('%j is wrong usage', async (args, message) => {
  const { status, stderr } = await store.run(args)
  expect(stderr).toContain(message)
  expect(status).toBe(2)
})
