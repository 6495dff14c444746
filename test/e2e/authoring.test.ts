import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { digestOf, formatDigest } from '../../store/index.js'
import { clonedStore } from '../support/cloned.js'

const store = clonedStore()

/** Packs files into `<name>.tar.gz` below the folder and gives its URL. */
async function pack(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  for (const [file, text] of Object.entries(files)) await store.write(`src/${name}/${file}`, text)
  const archive = join(store.path, `${name}.tar.gz`)
  execFileSync('tar', ['-czf', archive, '-C', join(store.folder, 'src'), name])
  return `file://${archive}`
}

const sriOf = (text: string): string => formatDigest(digestOf('sha256', text))

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

describe('store lint', () => {
  test('finds nothing in the shipped recipes', async () => {
    const shipped = join(import.meta.dirname, '../..')
    const ran = await store.run(['lint', '--offline'], { cwd: shipped })
    expect(ran).toMatchObject({ status: 0, stdout: '' })
    expect(ran.stderr).toMatch(/^\d+ of \d+ packages are not built here, .*\n$/)
  })

  test('names what could be better, where it stands', async () => {
    const text = `import { fetchUrl, gnu, recipe, sh } from 'store/recipe'
import { toolchain } from 'store/channel/toolchain'

export const wrong: number = recipe({
  name: 'it',
  version: '1',
  source: fetchUrl({
    url: ['file:///nowhere/it', 'https://127.0.0.1:1/it'],
    hash: 'sha256-short',
  }),
  inputs: { ...toolchain },
  phases: gnu().replace('check', () => sh\`true\`),
  meta: { synopsis: 'a thing.', homepage: 'nowhere', license: 'GPLv3 OR MIT' },
})
`
    await store.write('poor/wrong.ts', text)
    await store.write('poor/helper.ts', 'export const help = 1\n')
    await store.write(
      'poor/broken.ts',
      "import { recipe } from 'store/recipe'\nexport const broken = recipe({})\n",
    )
    const cwd = join(store.folder, 'poor')
    const { status, stdout } = await store.run(['lint'], { cwd })
    const found = [...stdout.matchAll(/^(\S+?):(\d+): .+ \[(\w+)\]$/gm)].map(([, file, line, code]) => [
      file,
      Number(line),
      code,
    ])
    expect(stdout.trim().split('\n')).toHaveLength(found.length)
    expect({ status, found }).toEqual({
      status: 1,
      found: [
        ['broken.ts', 2, 'BAD_RECIPE'],
        ['broken.ts', 2, 'TS2739'],
        ['helper.ts', 1, 'NO_RECIPE'],
        ['wrong.ts', 4, 'FILE_NAME'],
        ['wrong.ts', 4, 'EXPORT_NAME'],
        ['wrong.ts', 4, 'TS2322'],
        ['wrong.ts', 8, 'DEAD_URL'],
        ['wrong.ts', 8, 'SILENT_URL'],
        ['wrong.ts', 9, 'BAD_HASH'],
        ['wrong.ts', 12, 'TESTS_OFF'],
        ['wrong.ts', 13, 'SYNOPSIS_STYLE'],
        ['wrong.ts', 13, 'SYNOPSIS_STYLE'],
        ['wrong.ts', 13, 'SYNOPSIS_STYLE'],
        ['wrong.ts', 13, 'BAD_HOMEPAGE'],
        ['wrong.ts', 13, 'BAD_LICENSE'],
      ],
    })
    const { findings } = JSON.parse((await store.run(['lint', '--offline', '--json', 'it'], { cwd })).stdout)
    expect(findings).toContainEqual({
      file: 'wrong.ts',
      line: 13,
      code: 'BAD_LICENSE',
      sentence: '"it" has a license that is no SPDX expression: SPDX knows no licence "GPLv3"',
    })
    expect((await store.run(['lint', '--offline', 'no'], { cwd: store.folder })).stderr).toMatch(
      /^error\[UNKNOWN_PACKAGE\]: .*\nhint: .*in this folder\n$/,
    )
  })

  test('compares with --download what a URL gives now', async () => {
    const tarball = join(store.folder, 'moved-1.tar')
    await writeFile(tarball, 'as it was\n')
    const text = `import { fetchUrl, gnu, recipe } from 'store/recipe'
import { toolchain } from 'store/channel/toolchain'

export const moved = recipe({
  name: 'moved',
  version: '1',
  source: fetchUrl({ url: 'file://${tarball}', hash: '${sriOf('as it was\n')}' }),
  inputs: { ...toolchain },
  phases: gnu(),
  meta: { synopsis: 'Thing', homepage: 'https://example.org/', license: 'MIT' },
})
`
    await store.write('moved/moved.ts', text)
    const cwd = join(store.folder, 'moved')
    expect(await store.run(['lint', '--download'], { cwd })).toMatchObject({ status: 0, stdout: '' })
    await writeFile(tarball, 'as it is\n')
    expect(await store.run(['lint'], { cwd })).toMatchObject({ status: 0, stdout: '' })
    expect(await store.run(['lint', '--download'], { cwd })).toMatchObject({
      status: 1,
      stdout: `moved.ts:7: "moved" has a source that has another hash there: file://${tarball} gives ${sriOf('as it is\n')} [HASH_MISMATCH]\n`,
    })
    expect((await store.run(['lint', '--download', '--offline'], { cwd })).stderr).toMatch(
      /^error\[USAGE\]: /,
    )
  })

  test('tells inputs apart of which a build shows that they are used', async () => {
    const using = (
      name: string,
      script: string,
    ): string => `import { recipe, sh, trivial } from 'store/recipe'
import { toolchain } from 'store/channel/toolchain'
const { bash, coreutils, glibc, grep } = toolchain
export const ${name} = recipe({
  name: '${name}',
  version: '1',
  inputs: { bash, coreutils, glibc, grep },
  phases: trivial(sh\`${script}\`),
  meta: { synopsis: 'Thing', homepage: 'https://example.org/', license: 'MIT' },
})
`
    await store.write('inputs/used.ts', using('used', 'echo x | grep x > "$out"; cp "$out" y'))
    await store.write('inputs/unused.ts', using('unused', 'echo x > "$out"; cp "$out" y'))
    const cwd = join(store.folder, 'inputs')
    const before = await store.run(['lint', '--offline'], { cwd })
    expect(before).toMatchObject({ status: 0, stdout: '', stderr: expect.stringContaining('not built here') })
    expect(await store.run(['build', './used.ts', './unused.ts'], { cwd })).toMatchObject({ status: 0 })
    const { stdout } = await store.run(['lint', '--offline'], { cwd })
    expect(stdout).toMatch(
      /^unused\.ts:7: "unused" seems not to use its input "grep": .* \[UNUSED_INPUT\]\n$/,
    )
    // A wrong hash of another package hides nothing.
    await store.write(
      'inputs/wrong.ts',
      `import { fetchGit } from 'store/recipe'
const url = 'file:///nowhere'
const source = fetchGit({ url, commit: '${'0'.repeat(40)}', hash: 'sha256-x' })
${using('wrong', '# $source').replace('inputs:', 'source, inputs:')}`,
    )
    const withWrong = await store.run(['lint', '--offline'], { cwd })
    expect(withWrong.status).toBe(1)
    expect(withWrong.stdout.slice(0, stdout.length)).toBe(stdout)
    expect(withWrong.stdout.slice(stdout.length)).toMatch(
      /^wrong\.ts:3: "wrong" has a source .* \[BAD_HASH\]\n$/,
    )
  })
})
