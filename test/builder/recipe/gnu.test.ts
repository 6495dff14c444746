import { spawnSync } from 'node:child_process'
import { chmod, link, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fetchTarball, gnu, recipe, sh, text, trivial } from '../../../builder/recipe/index.js'
import { renderPhases } from '../../../builder/recipe/phases.js'

const bash = recipe({ name: 'bash', version: '5', phases: trivial(sh`:`, { shell: text('/sh') }) })
const library = recipe({
  name: 'library',
  version: '1',
  inputs: { bash },
  outputs: ['out', 'dev'],
  phases: gnu(),
})

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'store-test-gnu-'))
})
afterEach(() => rm(folder, { recursive: true }))

const write = async (path: string, content: string, mode = 0o644): Promise<void> => {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), content)
  await chmod(join(folder, path), mode)
}

const listing = async (path: string): Promise<string[]> =>
  (await readdir(join(folder, path), { recursive: true, withFileTypes: true }))
    .filter(entry => !entry.isDirectory())
    .map(entry => join(entry.parentPath, entry.name).slice(join(folder, path).length + 1))
    .sort()

/** Runs one phase of the library in `folder`, with outputs beside each other there. */
function run(
  phase: string,
  path = process.env.PATH,
): { readonly status: number | null; readonly output: string } {
  const found = renderPhases(library).find(({ name }) => name === phase)!
  const script = `set -eu -o pipefail\n${found.script.parts.join('')}`
  const { status, stdout, stderr } = spawnSync('/bin/bash', ['-c', script], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: path,
      SHELL: '/bin/bash',
      STORE_CORES: '1',
      out: join(folder, 'out'),
      dev: join(folder, 'dev'),
    },
  })
  return { status, output: stdout + stderr }
}

const compile = (...words: readonly string[]): void => {
  const { status, stderr } = spawnSync('cc', words, { cwd: folder, encoding: 'utf8' })
  expect(status, stderr).toBe(0)
}

describe('the phase configure', () => {
  const options = 'for word; do echo "$word" >> given; done\n'

  test('leaves out the tracking of dependencies where the script knows how', async () => {
    await write('configure', `#!/bin/sh\n# --enable-dependency-tracking\n${options}`, 0o755)
    expect(run('configure')).toMatchObject({ status: 0 })
    expect(await readFile(join(folder, 'given'), 'utf8')).toBe(
      [
        `--prefix=${folder}/out`,
        '--disable-dependency-tracking',
        `--includedir=${folder}/dev/include`,
        '',
      ].join('\n'),
    )
  })

  test('gives a script written by hand no options that it may refuse', async () => {
    await write('configure', `#!/bin/sh\n${options}`, 0o755)
    run('configure')
    expect(await readFile(join(folder, 'given'), 'utf8')).not.toContain('tracking')
  })
})

describe('the phase bootstrap', () => {
  test('leaves a source alone that has configure', async () => {
    await write('configure', '')
    await write('configure.ac', '')
    expect(run('bootstrap')).toEqual({ status: 0, output: '' })
  })

  test('says what is missing to make configure', async () => {
    await write('configure.ac', '')
    const { status, output } = run('bootstrap', '/no-such-folder')
    expect(status).toBe(1)
    expect(output).toContain('add the input autotools')
  })
})

describe('the phase check', () => {
  test('shows what the tests said when they fail', async () => {
    await write('Makefile', 'check:\n\t@exit 1\n')
    await write('tests/test-suite.log', 'the reason')
    const { status, output } = run('check')
    expect(status).toBe(2)
    expect(output).toContain('the reason')
  })
})

describe('the phase split', () => {
  test('moves what only compiling needs into dev', async () => {
    await write('out/bin/library', '')
    await write('out/bin/library-config', '')
    await write('out/include/library.h', '')
    await write('out/lib/liblibrary.a', '')
    await write('out/lib/liblibrary.so', '')
    await write('out/lib/pkgconfig/library.pc', 'prefix=/p\nincludedir=${prefix}/include\n')
    await write('out/share/man/man1/library.1', '')
    await write('out/share/man/man3/library.3', '')
    expect(run('split')).toMatchObject({ status: 0 })
    expect(await listing('out')).toEqual(['bin/library', 'lib/liblibrary.so', 'share/man/man1/library.1'])
    expect(await listing('dev')).toEqual([
      'bin/library-config',
      'include/library.h',
      'lib/liblibrary.a',
      'lib/pkgconfig/library.pc',
      'share/man/man3/library.3',
    ])
    expect(await readFile(join(folder, 'dev/lib/pkgconfig/library.pc'), 'utf8')).toContain(
      `includedir=${folder}/dev/include`,
    )
  })
})

describe('the phase check-libraries', () => {
  beforeEach(async () => {
    await mkdir(join(folder, 'out/lib'), { recursive: true })
    await mkdir(join(folder, 'out/bin'), { recursive: true })
    await mkdir(join(folder, 'dev'))
    await write('library.c', 'int answer(void) { return 42; }\n')
    await write('program.c', 'int answer(void); int _start(void) { return answer(); }\n')
    compile(
      '-shared',
      '-nostdlib',
      '-fPIC',
      '-o',
      'out/lib/liblibrary.so',
      '-Wl,-soname,liblibrary.so',
      'library.c',
    )
  })
  const linkProgram = (...words: readonly string[]): void =>
    compile('-nostdlib', '-o', 'out/bin/program', 'program.c', '-Lout/lib', '-llibrary', ...words)

  test.each(['$ORIGIN/../lib', 'out/lib'])('accepts a program that finds its library in %s', place => {
    linkProgram(`-Wl,--enable-new-dtags,-rpath,${place.startsWith('$') ? place : join(folder, place)}`)
    expect(run('check-libraries')).toEqual({ status: 0, output: '' })
  })

  test('refuses one that does not, and names both', () => {
    linkProgram()
    expect(run('check-libraries')).toEqual({
      status: 1,
      output: `${folder}/out/bin/program does not find liblibrary.so\n`,
    })
  })
})

describe('the phase clean', () => {
  test('compresses manual pages, also those with several names', async () => {
    await write('out/share/man/man1/first.1', 'a page')
    await mkdir(join(folder, 'dev'))
    await link(join(folder, 'out/share/man/man1/first.1'), join(folder, 'out/share/man/man1/second.1'))
    await symlink('first.1', join(folder, 'out/share/man/man1/third.1'))
    expect(run('clean')).toEqual({ status: 0, output: '' })
    expect(await listing('out')).toEqual(
      ['first', 'second', 'third'].map(name => `share/man/man1/${name}.1.gz`),
    )
  })
})

test('a zip or zst source is unpacked before the build, and any other by tar', () => {
  const unpackOf = (file: string) => {
    const source = fetchTarball({ url: `https://example.org/${file}`, hash: 'sha256-x' })
    const phases = gnu()
    const script = phases.list[0]!.script(phases.options, recipe({ name: 'a', version: '1', source, phases }))
    return script.parts.flatMap(part => (typeof part === 'string' ? [] : [part.to]))
  }
  for (const file of ['a-1.zip', 'a-1.tar.zst'])
    expect(unpackOf(file)).toMatchObject([{ type: 'unpacked', format: 'archive', name: 'a-1' }])
  expect(unpackOf('a-1.tar.xz')).toEqual([])
})
