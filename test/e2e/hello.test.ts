import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, inject, test } from 'vitest'
import { clonedStore } from '../support/cloned.js'

const clone = clonedStore()
const store = (...args: string[]) => clone.run(args)
const lines = async (...args: string[]): Promise<readonly string[]> =>
  (await store(...args)).stdout.split('\n').slice(0, -1)
const onDisk = (path: string): string => join(clone.path, path)

const storePath = /^\/store\/[0-9a-df-np-sv-z]{32}-[0-9A-Za-z+._?=-]+$/

/** The programs and libraries of a tree. */
async function elfFiles(tree: string): Promise<readonly string[]> {
  const found = []
  for (const entry of await readdir(tree, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name)
    if (entry.isFile() && (await readFile(file)).subarray(0, 4).equals(Buffer.from('\x7fELF')))
      found.push(file)
  }
  return found
}

test('hello greets, takes arguments, and gives its exit status', async () => {
  expect(await store('run', 'hello')).toMatchObject({ status: 0, stdout: 'Hello, world!\n', stderr: '' })
  expect(await store('run', 'hello', '--greeting=Good day')).toMatchObject({ stdout: 'Good day\n' })
  expect(await store('run', 'hello', '--', '-g', '--json')).toMatchObject({ stdout: '--json\n' })
  expect(await store('shell', 'hello', '--', 'sh', '-c', 'exit 42')).toMatchObject({ status: 42 })
  expect(await store('shell', 'hello', '--', 'sh', '-c', 'kill -TERM $$')).toMatchObject({ status: 128 + 15 })
})

test('a package without the program is refused, and what it has is named', async () => {
  const none = await store('run', 'zlib')
  expect(none).toMatchObject({ status: 1, stdout: '' })
  expect(none.stderr).toMatch(
    /^error\[NO_PROGRAM\]: The package "zlib" has no program "bin\/zlib"\nhint: .+\n$/,
  )
  expect((await store('run', 'coreutils')).stderr).toContain('store shell coreutils -- ')
})

test('store shell finds the programs of its packages', async () => {
  const pure = await store(
    'shell',
    '--pure',
    'hello',
    '--',
    '/bin/sh',
    '-c',
    'hello; command -v ls || echo none',
  )
  expect(pure).toMatchObject({ status: 0, stdout: 'Hello, world!\nnone\n' })
})

test('the closure and the references of hello are store paths and nothing of the machine', async () => {
  const closure = await lines('closure', 'hello')
  expect(closure.length).toBeGreaterThan(1)
  for (const path of [...closure, ...(await lines('references', 'hello'))]) expect(path).toMatch(storePath)
  for (const path of await lines('build', 'hello', 'zlib')) {
    const files = await elfFiles(onDisk(path))
    expect(files.length).toBeGreaterThan(0)
    for (const file of files) {
      const { stdout } = await promisify(execFile)('readelf', [
        '--wide',
        '--dynamic',
        '--program-headers',
        file,
      ])
      const places = [...stdout.matchAll(/(?:runpath|rpath|interpreter): \[?([^\]\n]*)/g)].flatMap(
        ([, list]) => list!.split(':'),
      )
      expect(
        places.filter(place => !closure.some(object => place.startsWith(`${object}/`))),
        file,
      ).toEqual([])
    }
  }
})

test('no file of hello names a directory of the machine', async () => {
  const [path = ''] = await lines('build', 'hello')
  const words = ['/usr/', '/lib64/', '/tmp/guix-build-0', inject('seeded'), `${homedir()}/`]
  for (const entry of await readdir(onDisk(path), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const content = await readFile(join(entry.parentPath, entry.name))
    expect(
      words.filter(word => content.includes(word)),
      entry.name,
    ).toEqual([])
  }
})

test('what is built is not built again, and that is quick to say', async () => {
  const start = performance.now()
  const again = await store('build', 'hello')
  expect(again).toMatchObject({ status: 0, stderr: '' })
  expect(again.stdout.trim()).toMatch(storePath)
  expect(performance.now() - start).toBeLessThan(10_000)
  expect(await store('build', '--dry-run', 'hello')).toMatchObject({
    stdout: '',
    stderr: 'nothing is to be built or fetched\n',
  })
})

test('the log of hello shows that its tests passed', async () => {
  const log = await lines('log', 'hello')
  expect(log).toEqual(expect.arrayContaining(['@phase check', 'PASS: tests/hello-1', '# FAIL:  0']))
  expect(await lines('log', 'hello', '--tail', '2')).toEqual(log.slice(-2))
  const [path = ''] = await lines('build', 'hello')
  for (const name of [path, path.slice('/store/'.length)]) expect(await lines('log', name)).toEqual(log)
  const whole = JSON.parse((await store('log', 'hello', '--json')).stdout)
  expect(whole).toEqual({ lines: log, truncated: false })
  expect(await store('log', `${path}x`)).toMatchObject({ status: 1 })
})

test('the headers of zlib know its library, and the library knows its referrers', async () => {
  const [library = '', headers = ''] = await lines('build', 'zlib', 'zlib:dev')
  expect(headers).toMatch(/-zlib-[0-9.]+-dev$/)
  expect(await lines('references', 'zlib:dev')).toContain(library)
  expect(await lines('referrers', 'zlib')).toContain(headers)
  expect(await lines('references', 'zlib')).not.toContain(headers)
})

test('outputs are printed in the order in which they were asked for', async () => {
  const names = async (...words: string[]) => (await lines('build', ...words)).map(path => path.slice(40))
  expect(await names('zlib:dev', 'hello', 'zlib')).toEqual(['zlib-1.2.13-dev', 'hello-2.10', 'zlib-1.2.13'])
  expect(await names('zlib', 'zlib:dev', '-j', '1')).toEqual(['zlib-1.2.13', 'zlib-1.2.13-dev'])
})
