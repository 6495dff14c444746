import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { clonedStore } from '../support/cloned.js'

const store = clonedStore()

/** Packs files into `<name>.tar.gz` below the folder and gives its URL. */
async function pack(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  for (const [file, text] of Object.entries(files)) await store.write(`src/${name}/${file}`, text)
  const archive = join(store.path, `${name}.tar.gz`)
  execFileSync('tar', ['-czf', archive, '-C', join(store.folder, 'src'), name])
  return `file://${archive}`
}

describe('store new', () => {
  test('writes a recipe for a real source, which gives the very package of the shipped channel', async () => {
    const shipped = (await store.run(['build', 'hello'])).stdout
    const object = (await store.objects()).find(name => name === 'hello-2.10.tar.gz')
    expect(object).toBe('hello-2.10.tar.gz')
    const [path = ''] = (await store.run(['build', '--derivation', 'hello'])).stdout.split('\n')
    const source = /\/store\/(\w{32}-hello-2\.10\.tar\.gz)(?!\.drv)/.exec(
      await readFile(join(store.path, path), 'utf8'),
    )![1]!
    await mkdir(join(store.path, 'sources'))
    execFileSync('cp', [join(store.path, 'store', source), join(store.path, 'sources/hello-2.10.tar.gz')])
    const made = await store.run(['new', 'hello', '--url', `file://${store.path}/sources/hello-2.10.tar.gz`])
    expect(made).toMatchObject({
      status: 0,
      stdout: `${join(store.folder, 'hello.ts')}\n${join(store.folder, 'tsconfig.json')}\n`,
      stderr: expect.stringContaining('to do: check the license, GPL-3.0-or-later\n'),
    })
    expect((await store.run(['build', './hello.ts'])).stdout).toBe(shipped)
    // An editor's compiler understands it.
    const tsc = join(import.meta.dirname, '../../node_modules/typescript/bin/tsc')
    execFileSync(process.execPath, [tsc, '-p', store.folder], { stdio: 'inherit' })
    // A second time nothing is touched.
    const before = await readFile(join(store.folder, 'hello.ts'), 'utf8')
    const again = await store.run(['new', 'hello', '--url', 'file:///nowhere'])
    expect(again).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^error\[RECIPE_EXISTS\]/),
    })
    expect(await readFile(join(store.folder, 'hello.ts'), 'utf8')).toBe(before)
  })

  test('writes a recipe that builds by the makefile of a source', async () => {
    const files = {
      Makefile: 'all:\ncheck:\n\t./made\ninstall:\n\tmkdir -p $(PREFIX)/bin\n\tcp made $(PREFIX)/bin/\n',
      made: '#!/bin/sh\necho made\n',
    }
    await pack('made-1.2', files)
    await chmod(join(store.folder, 'src/made-1.2/made'), 0o755)
    const url = await pack('made-1.2', {})
    expect(await store.run(['new', 'made', '--url', url])).toMatchObject({ status: 0 })
    const built = await store.run(['build', './made.ts'])
    expect(built, built.stderr).toMatchObject({ status: 0 })
    expect((await store.run(['run', './made.ts'])).stdout).toBe('made\n')
  })

  test('says what it has no phases for, and refuses what it cannot fetch', async () => {
    const url = await pack('cmade-1', { 'CMakeLists.txt': 'project(it)\n' })
    const made = await store.run(['new', 'cmade', '--url', url, '--json'])
    expect(JSON.parse(made.stdout)).toMatchObject({ buildSystem: 'CMake', version: '1' })
    expect(made.stderr).toContain('to do: it is built with CMake: write its phases\n')
    for (const [args, code] of [
      [['new', 'no', '--url', 'file:///nowhere-1.tar.gz'], 'FETCH_FAILED'],
      [['new', 'no'], 'USAGE'],
      [['new', '../no', '--url', url], 'USAGE'],
      [['new', 'no', '--url', 'nowhere'], 'USAGE'],
    ] as const)
      expect((await store.run(args)).stderr).toMatch(new RegExp(`^error\\[${code}\\]: `))
    await expect(readFile(join(store.folder, 'no.ts'))).rejects.toThrow()
  })
})
