import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { encodeDerivation } from '../../../builder/derivation/encode.js'
import { lower } from '../../../builder/lower/lower.js'
import { findPackage, listPackages, parsePackageName } from '../../../builder/lower/packages.js'
import { BASE } from '../../../builder/lower/roots.js'
import { recipeFile, writeChannel } from '../../support/channel.js'
import { temporaryDirectory } from '../../support/store.js'

/** What finding and lowering `name` gives in a channel of `files`. */
async function find(files: Readonly<Record<string, string>>, name: string) {
  await using directory = await temporaryDirectory()
  const world = await writeChannel(join(directory.path, 'channel'), files)
  const found = await findPackage(world, name, { cwd: join(directory.path, 'channel') })
  return { found, lowering: await lower(found.emission, found.roots) }
}

describe('parsePackageName', () => {
  test.each([
    ['hello', { kind: 'channel', name: 'hello', version: undefined, output: undefined }],
    ['hello@2.10', { kind: 'channel', name: 'hello', version: '2.10', output: undefined }],
    ['hello@2.10:dev', { kind: 'channel', name: 'hello', version: '2.10', output: 'dev' }],
    ['./my.ts', { kind: 'file', file: './my.ts', name: undefined }],
    ['/a/my.ts:x', { kind: 'file', file: '/a/my.ts', name: 'x' }],
    ['./my.ts:x:dev', { kind: 'file', file: './my.ts', name: 'x', output: 'dev' }],
    ['./my.ts::dev', { kind: 'file', file: './my.ts', name: undefined, output: 'dev' }],
  ])('reads %s', (text, name) => {
    expect(parsePackageName(text)).toEqual(name)
  })

  test.each(['', '@1', 'a:', 'a/b', 'a@1@2'])('refuses "%s"', text => {
    expect(() => parsePackageName(text)).toThrow('as a package')
  })
})

describe('findPackage', () => {
  test('finds a package by name, version and output', async () => {
    const files = { 'a.ts': recipeFile('a', "outputs: ['out', 'dev']") }
    expect((await find(files, 'a')).found).toMatchObject({
      package: { name: 'a', file: 'channel/a.ts' },
      outputs: ['out'],
    })
    expect((await find(files, 'a@1:dev')).found.outputs).toEqual(['dev'])
    await expect(find(files, 'a:doc')).rejects.toThrow('no output "doc"')
    await expect(find(files, 'a@2')).rejects.toMatchObject({
      code: 'UNKNOWN_PACKAGE',
      hint: 'Did you mean a@1?',
    })
  })

  test('finds a package in a file of another name', async () => {
    expect((await find({ 'b.ts': recipeFile('a'), 'c.ts': recipeFile('c') }, 'a')).found.package.file).toBe(
      'channel/b.ts',
    )
  })

  test('finds a package of a channel that lies where its base does', async () => {
    await using directory = await temporaryDirectory()
    const world = await writeChannel(join(directory.path, 'channel'), { 'a.ts': recipeFile('a') })
    const base = { name: BASE, folder: world.channel.folder }
    for (const changes of [{}, { transform: { withoutTests: ['a'] } }]) {
      const found = await findPackage({ ...world, base }, 'a', { cwd: directory.path, ...changes })
      expect(found.package.name).toBe('a')
    }
  })

  test('takes no hidden file for one of recipes, such as the lock that an editor makes', async () => {
    await using directory = await temporaryDirectory()
    const folder = join(directory.path, 'channel')
    const world = await writeChannel(folder, { 'a.ts': recipeFile('a'), '.b.ts': recipeFile('b') })
    await symlink('me@host.1234:5678', join(folder, '.#a.ts'))
    expect((await listPackages(world)).map(({ name }) => name)).toEqual(['a'])
  })

  test('suggests names that are near', async () => {
    const files = { 'hello.ts': recipeFile('hello'), 'zlib.ts': recipeFile('zlib') }
    await expect(find(files, 'helo')).rejects.toMatchObject({
      code: 'UNKNOWN_PACKAGE',
      hint: 'Did you mean hello?',
    })
    await expect(find(files, 'quite-else')).rejects.toMatchObject({
      hint: 'List the packages with: store list',
    })
  })

  test('does not read a broken file beside the one that is asked for', async () => {
    expect(
      (await find({ 'a.ts': recipeFile('a'), 'broken.ts': 'this is no recipe' }, 'a')).found.package.name,
    ).toBe('a')
  })

  test('finds the recipe of a file, which may use the shipped channel', async () => {
    await using directory = await temporaryDirectory()
    const world = await writeChannel(join(directory.path, 'channel'), { 'tool.ts': recipeFile('tool') })
    await writeFile(
      join(directory.path, 'my.ts'),
      recipeFile('mine', 'inputs: { tool }', "import { it as tool } from 'store/channel/tool'"),
    )
    const found = await findPackage(world, './my.ts', { cwd: directory.path })
    expect(found.package).toMatchObject({ name: 'mine', file: 'local/my.ts', inputs: ['tool'] })
    await expect(findPackage(world, './my.ts:mine:dev', { cwd: directory.path })).rejects.toMatchObject({
      code: 'UNKNOWN_OUTPUT',
    })
    expect((await findPackage(world, './my.ts::out', { cwd: directory.path })).outputs).toEqual(['out'])
    await expect(findPackage(world, './other.ts', { cwd: directory.path })).rejects.toThrow(
      'there is no such file',
    )
    await expect(findPackage(world, './my.ts:other', { cwd: directory.path })).rejects.toMatchObject({
      code: 'UNKNOWN_PACKAGE',
    })
  })

  test.each<[string, string, string]>([
    [
      'a wrong field',
      recipeFile('a', "nmae: 'b',"),
      'channel/a.ts:4:19: The recipe "a" has an unknown field "nmae"',
    ],
    ['a syntax error', 'export const a = {\n  b: ,\n}', 'channel/a.ts:2:6: '],
    [
      'a throw',
      "import 'store/recipe'\n\nthrow new RangeError('no')",
      'channel/a.ts:3:7: the recipe throws RangeError: no',
    ],
    ['a thrown text', "throw 'odd'", 'the recipe throws a value: odd'],
    ['an import of a package', "import 'node:fs'", 'channel/a.ts:1:8: it imports "node:fs"'],
    ['an import from outside', "import '../secret.ts'", 'which is outside its channel'],
    [
      'the clock',
      'Date.now()',
      'channel/a.ts:1:6: the recipe throws TypeError: a recipe cannot use the clock',
    ],
    ['randomness', 'export const x = Math.random()', 'a recipe cannot use randomness'],
    [
      'the environment',
      'export const x = process.env',
      'channel/a.ts:1:18: the recipe throws ReferenceError',
    ],
    ['the network', "fetch('http://localhost')", 'ReferenceError'],
    ['code made of text', "new Function('return this')()", 'EvalError'],
  ])('refuses %s and says where', async (_what, content, message) => {
    await expect(
      find({ 'a.ts': content, '../secret.ts': 'export const secret = 1' }, 'a'),
    ).rejects.toMatchObject({
      code: 'BAD_RECIPE',
      message: expect.stringContaining(message),
    })
  })

  test('says where in a folder of any name', async () => {
    await using directory = await temporaryDirectory()
    const folder = join(directory.path, 'my recipes ü#?%20')
    const world = await writeChannel(folder, {
      'a b.ts': "\n\nthrow new RangeError('no')",
      'c.ts': recipeFile('c', "nmae: 'b',"),
    })
    for (const [file, message] of [
      ['a b.ts', 'a b.ts:3:7: the recipe throws RangeError: no'],
      ['c.ts', 'c.ts:4:19: The recipe "c" has an unknown field "nmae"'],
    ] as const)
      await expect(findPackage(world, `./${file}`, { cwd: folder })).rejects.toMatchObject({
        message: `${folder}/${message}`,
      })
  })

  test('refuses a link in the channel that leads outside', async () => {
    await using directory = await temporaryDirectory()
    const world = await writeChannel(join(directory.path, 'channel'), { 'a.ts': "import './link.ts'" })
    await writeFile(join(directory.path, 'secret.ts'), 'export const secret = 1')
    await symlink('../secret.ts', join(directory.path, 'channel/link.ts'))
    await expect(findPackage(world, 'a', { cwd: directory.path })).rejects.toThrow('outside its channel')
  })

  test('names a cycle of inputs', async () => {
    const part = (name: string, other: string) =>
      recipeFile(name, `inputs: { ${other} }`, `import { it as ${other} } from './${other}.js'`)
    await expect(find({ 'a.ts': part('a', 'b'), 'b.ts': part('b', 'a') }, 'a')).rejects.toMatchObject({
      code: 'INPUT_CYCLE',
      message: expect.stringMatching(
        /: \/\S+\/channel\/a\.ts -> \/\S+\/channel\/b\.ts -> \/\S+\/channel\/a\.ts$/,
      ),
    })
  })
})

test('listPackages gives all packages, sorted', async () => {
  await using directory = await temporaryDirectory()
  const world = await writeChannel(join(directory.path, 'channel'), {
    'x.ts': recipeFile('b'),
    'y.ts': recipeFile('a'),
  })
  expect((await listPackages(world)).map(({ name }) => name)).toEqual(['a', 'b'])
})

describe('lower', () => {
  test('names local files by their content', async () => {
    const files = { 'a.ts': recipeFile('a', "source: localFile('./data', import.meta.url)"), 'data/x': '1' }
    const { lowering } = await find(files, 'a')
    expect([...lowering.locals.values()]).toMatchObject([{ name: 'data' }])
    const other = (await find({ ...files, 'data/x': '2' }, 'a')).lowering
    expect([...other.locals.keys()]).not.toEqual([...lowering.locals.keys()])
    expect([...other.derivations.keys()]).not.toEqual([...lowering.derivations.keys()])
  })

  test('gives the same derivations wherever the channel lies', async () => {
    const files = { 'a.ts': recipeFile('a', "source: localFile('./data', import.meta.url)"), data: '1' }
    expect([...(await find(files, 'a')).lowering.derivations.keys()]).toEqual([
      ...(await find(files, 'a')).lowering.derivations.keys(),
    ])
  })

  test.each([
    [
      'fetch-git',
      `fetchGit({ url: 'https://example.org/a.git', commit: '${'01'.repeat(20)}', hash: 'sha256:${'23'.repeat(32)}', submodules: true })`,
    ],
    [
      'unpack-archive',
      `unpackArchive(fetchTarball({ url: 'https://example.org/a.zip', hash: 'sha256:${'45'.repeat(32)}' }))`,
    ],
  ])('writes what golden/derivation/%s.drv has', async (kind, source) => {
    const imports = "import { fetchGit, fetchTarball, unpackArchive } from 'store/recipe'"
    const { lowering } = await find({ 'a.ts': recipeFile('a', `source: ${source}`, imports) }, 'a')
    const made = [...lowering.derivations.values()].find(({ derivation }) =>
      derivation.builder.endsWith(kind),
    )!
    await expect(Buffer.from(encodeDerivation(made.derivation)).toString()).toMatchFileSnapshot(
      `../../golden/derivation/${kind}.drv`,
    )
  })

  test('refuses a local file that is not there', async () => {
    await expect(
      find({ 'a.ts': recipeFile('a', "source: localFile('./no', import.meta.url)") }, 'a'),
    ).rejects.toThrow('channel/no')
  })

  test('refuses a wrong hash before anything is fetched', async () => {
    const source = "source: fetchUrl({ url: 'https://example.org/x', hash: 'sha256-short' })"
    await expect(find({ 'a.ts': recipeFile('a', source) }, 'a')).rejects.toMatchObject({ code: 'BAD_RECIPE' })
  })

  test('refuses a script that Linux would not pass to a shell', async () => {
    const env = `env: { LONG: 'x'.repeat(${128 * 1024}) }`
    await expect(find({ 'a.ts': recipeFile('a', env) }, 'a')).rejects.toThrow('more than 128 KiB')
  })
})

test('a channel folder may be empty', async () => {
  await using directory = await temporaryDirectory()
  await mkdir(join(directory.path, 'channel'))
  await expect(listPackages(await writeChannel(join(directory.path, 'channel'), {}))).resolves.toEqual([])
})
