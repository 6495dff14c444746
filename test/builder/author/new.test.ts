import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { detectBuildSystem } from '../../../builder/author/build-system.js'
import { guessLicense } from '../../../builder/author/license.js'
import { readSource } from '../../../builder/author/source.js'
import { exportNameOf, versionOf, writeRecipe } from '../../../builder/author/write.js'
import { temporaryDirectory } from '../../support/store.js'

const source = (texts: Readonly<Record<string, string>>) => ({
  files: new Set(Object.keys(texts)),
  texts: new Map(Object.entries(texts)),
})
const title = (...files: string[]): string =>
  detectBuildSystem(source(Object.fromEntries(files.map(file => [file, 'all:\n']))), 'it').title

test.each([
  ['https://example.org/hello-2.10.tar.gz', '2.10'],
  ['mirror://debian/pool/main/h/hello/hello_2.10.orig.tar.gz', '2.10'],
  ['mirror://debian/pool/main/z/zlib/zlib_1.2.13.dfsg.orig.tar.bz2', '1.2.13'],
  ['mirror://debian/pool/main/libz/libzstd/libzstd_1.5.4+dfsg2.orig.tar.xz', '1.5.4'],
  ['https://example.org/archive/refs/tags/v1.2.3.tar.gz', '1.2.3'],
  ['https://example.org/uisp_20050207.tgz?download=1', '20050207'],
  ['https://example.org/x-1.0-rc1.tar.xz', '1.0-rc1'],
  ['https://example.org/lib2to3.tar', undefined],
  ['https://example.org/', undefined],
])('the version in %s is %s', (url, version) => {
  expect(versionOf(url)).toBe(version)
})

test.each([
  ['hello', 'hello'],
  ['pkg-config', 'pkgConfig'],
  ['gtk+', 'gtk'],
  ['7zip', '_7zip'],
  ['lua5.4', 'lua54'],
])('the package %s is exported as %s', (name, exported) => {
  expect(exportNameOf(name)).toBe(exported)
})

describe('how a source is built is known by', () => {
  test.each([
    ['a configure script', ['configure', 'CMakeLists.txt', 'Makefile']],
    ['Autoconf', ['configure.ac', 'Makefile.am']],
    ["Perl's MakeMaker", ['Makefile.PL', 'Makefile']],
    ['CMake', ['CMakeLists.txt', 'Makefile']],
    ['Meson', ['meson.build']],
    ['pyproject.toml of Python', ['pyproject.toml', 'setup.py']],
    ['a makefile', ['Makefile', 'it.c']],
    ['nothing that is known', ['it.c']],
  ])('%s', (known, files) => {
    expect(title(...files)).toBe(known)
  })

  test('its makefile, which says how the tests are called', () => {
    const phases = (makefile: string) => detectBuildSystem(source({ Makefile: makefile }), 'it').phases
    expect(phases('check: all\n')).not.toContain('check')
    expect(phases('test: all\n')).toContain("checkTargets: ['test']")
    expect(phases('test := 1\nall:\n')).toContain(".without('check', 'there are no tests')")
  })
})

test.each([
  ['GPL-3.0-or-later', 'GNU GENERAL PUBLIC LICENSE\n   Version 3, 29 June 2007'],
  ['LGPL-2.1-or-later', 'GNU LESSER GENERAL PUBLIC LICENSE\n Version 2.1, February 1999'],
  ['MIT', 'Permission is hereby granted, free of charge, to any person obtaining a copy'],
  ['BSD-2-Clause', 'Redistribution and use in source and binary forms, with or without'],
  ['BSD-3-Clause', 'Redistribution and use in ...\nNeither the name of the author'],
  [undefined, 'All rights reserved'],
])('the licence %s is known by its text', (license, text) => {
  expect(guessLicense(source({ COPYING: text }))).toBe(license)
  expect(guessLicense(source({ 'LICENSE.md': text }))).toBe(license)
  expect(guessLicense(source({ Makefile: text }))).toBeUndefined()
})

describe('readSource', () => {
  const pack = async (folder: string, files: Readonly<Record<string, string>>, ...from: string[]) => {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true })
      await writeFile(join(folder, name), text)
    }
    const archive = join(folder, 'it.tar.gz')
    execFileSync('tar', ['-czf', archive, '-C', folder, ...from])
    return readSource(archive)
  }

  test('sees a source as its build does: in the one folder of its archive', async () => {
    await using directory = await temporaryDirectory()
    const files = { 'it-1/COPYING': 'free', 'it-1/configure': '', 'it-1/src/Makefile': 'all:' }
    const read = await pack(directory.path, files, 'it-1')
    expect(read!.files).toEqual(new Set(['COPYING', 'configure']))
    expect(read!.texts.get('COPYING')).toBe('free')
  })

  test('sees a source of several files where they lie', async () => {
    await using directory = await temporaryDirectory()
    const read = await pack(directory.path, { Makefile: 'all:', 'src/Makefile': 'x' }, './Makefile', './src')
    expect(read!.files).toEqual(new Set(['Makefile']))
  })

  test('says nothing of what is no archive', async () => {
    await using directory = await temporaryDirectory()
    await writeFile(join(directory.path, 'it'), 'text')
    expect(await readSource(join(directory.path, 'it'))).toBeUndefined()
  })
})

test('writeRecipe quotes what it was told', () => {
  const text = writeRecipe({
    name: 'it',
    version: '1',
    url: "https://example.org/it's?x=1",
    hash: 'sha256-x',
    buildSystem: detectBuildSystem(source({ configure: '' }), 'it'),
    license: 'MIT',
    synopsis: "It's \\ this",
    homepage: undefined,
    hasToolchain: true,
  })
  expect(text).toBe(`import { fetchTarball, gnu, recipe } from 'store/recipe'
import { toolchain } from './toolchain.js'

export const it = recipe({
  name: 'it',
  version: '1',
  source: fetchTarball({
    url: 'https://example.org/it\\'s?x=1',
    hash: 'sha256-x',
    name: 'it-1.tar',
  }),
  inputs: { ...toolchain },
  phases: gnu(),
  meta: {
    synopsis: 'It\\'s \\\\ this',
    license: 'MIT',
  },
})
`)
})
