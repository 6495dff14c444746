import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { clonedStore, recipeFile } from '../support/cloned.js'

const store = clonedStore()

/** Lines before the body of a recipe file. */
const HEAD = recipeFile('').split('\n').length - 1

/** What `store build` prints of a recipe file with `body`; nothing of it may look like a program's own. */
async function mistake(body: string, name = 'it.ts'): Promise<string> {
  await store.write(name.replace(/:.*/, ''), recipeFile(body))
  const { status, stdout, stderr } = await store.run(['build', '--dry-run', `./${name}`])
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  expect(stderr).toMatch(/^error\[[A-Z_]+\]: /)
  expect(stderr).not.toMatch(/\n {4}at |node_modules|dist\/|undefined\n$/)
  return stderr
}

describe('a mistake is told with its file, line and column:', () => {
  test.each([
    [
      'a wrong field',
      "make('a', sh`true`, { versoin: '2' })",
      'The recipe "a" has an unknown field "versoin"',
    ],
    [
      'an option of a build system',
      "make('a', sh``, { phases: gnu({ configureFlag: [] }) })",
      'gnu has an unknown field "configureFlag"',
    ],
    [
      'a phase that is not there',
      "make('a', sh``, { phases: gnu().without('chek', 'no') })",
      'There is no phase "chek"',
    ],
    ['a throw', "(() => { throw new RangeError('no luck') })()", 'the recipe throws RangeError: no luck'],
    [
      'the clock',
      'make("a", sh`echo ${Date.now()}`)',
      'the recipe throws TypeError: a recipe cannot use the clock',
    ],
    [
      'the environment',
      'make("a", sh`echo ${process.env.HOME}`)',
      'the recipe throws ReferenceError: process is not defined',
    ],
    ['a missing output', "make('a', sh`echo ${output(bash, 'dev')}`)", '"bash" has no output "dev"'],
    ['an undefined value', 'make("a", sh`echo ${undefined}`)', 'sh cannot take undefined'],
    ['a thread', "new Worker('/etc/passwd')", 'the recipe throws ReferenceError: Worker is not defined'],
    ['the network', "fetch('http://localhost/')", 'the recipe throws ReferenceError: fetch is not defined'],
    ['waiting', 'await Promise.resolve(1)', 'a recipe cannot wait'],
  ])('%s', async (_kind, expression, sentence) => {
    const text = await mistake(`export const it =\n  ${expression}`)
    const [, line, column] = /it\.ts:(\d+):(\d+): /.exec(text) ?? []
    expect(text).toContain(`error[BAD_RECIPE]: ${join(store.folder, 'it.ts')}:${line}:${column}: ${sentence}`)
    // The file's own helper counts as well as the line that calls it.
    expect(Number(line)).toBeGreaterThan(1)
    expect(Number(line)).toBeLessThanOrEqual(HEAD + 2)
  })

  test('a syntax error', async () => {
    const text = await mistake('export const it = {\n  b: ,\n}')
    expect(text).toBe(
      `error[BAD_RECIPE]: ${join(store.folder, 'it.ts')}:${HEAD + 2}:6: Unexpected ","\n` +
        'hint: Correct the recipe, and look for more mistakes with: store lint\n',
    )
  })

  test.each([
    [
      'a module of Node',
      "import { readFileSync as x } from 'node:fs'",
      'it imports "node:fs", but recipes import only',
    ],
    ['a file that is not there', "import { x } from './nothing.ts'", 'Could not resolve "./nothing.ts"'],
    ['a file outside', "import { x } from '../outside.ts'", 'outside.ts, which is outside its channel'],
    [
      'a package that is not there',
      "import { x } from 'store/channel/nothing'",
      'no recipe that the library comes with is "store/channel/nothing"',
    ],
    [
      'a name that is not there',
      "import { x } from 'store/channel/hello'",
      'recipes/hello.ts" for import "x"',
    ],
  ])('importing %s', async (_kind, line, sentence) => {
    await store.write('../outside.ts', 'export const x = 1')
    const text = await mistake(`${line}\nexport const it = make('it', sh\`echo \${x}\`)`)
    expect(text).toMatch(new RegExp(`it\\.ts:${HEAD + 1}:\\d+: `))
    expect(text).toContain(sentence)
  })
})

test('a mistake in a helper is told at the line of the helper', async () => {
  await store.write('parts/help.ts', 'export const help = (it) => {\n  return it.missing.deeply\n}\n')
  const text = await mistake(
    "import { help } from './parts/help.ts'\nexport const it = make('it', sh`echo ${help({})}`)",
  )
  expect(text).toMatch(
    /^error\[BAD_RECIPE\]: .*\/parts\/help\.ts:2:\d+: the recipe throws TypeError: Cannot read /,
  )
})

test('a file that exports nothing usable says what would be', async () => {
  for (const body of [
    'export const x = 1',
    'export const it = () => recipe({})',
    'export const all = { bash }',
    '',
  ])
    expect(await mistake(body)).toMatch(
      /^error\[BAD_PACKAGE_NAME\]: .* the file exports no recipe\nhint: Write: export const it = recipe\(/,
    )
})

test('a recipe that forges what its library says changes nothing but its own message', async () => {
  const forged = JSON.stringify({
    format: 'recipes-2',
    packages: [
      {
        name: 'it',
        version: '1',
        file: 'local/it.ts',
        exportName: 'it',
        outputs: ['out'],
        inputs: [],
        sources: [],
        node: 0,
      },
    ],
    nodes: [{ kind: 'local', name: 'it', path: 'local/../../../../../../etc/passwd' }],
  })
  const text = await mistake(
    `JSON.stringify = () => ${JSON.stringify(forged)}\nexport const it = make('it', sh\`true\`)`,
  )
  expect(text).toMatch(
    /^error\[BAD_RECIPE\]: .*\/it\.ts:\d+:\d+: A recipe uses the local file .*, which does not exist\nhint: .+\n$/,
  )
})

test('recipes that need each other are named in a circle', async () => {
  await store.write(
    'a.ts',
    recipeFile("import { b } from './b.ts'\nexport const a = make('a', sh`echo ${b}`)"),
  )
  await store.write(
    'b.ts',
    recipeFile("import { a } from './a.ts'\nexport const b = make('b', sh`echo ${a}`)"),
  )
  const { status, stderr } = await store.run(['build', './a.ts'])
  expect(status).toBe(1)
  expect(stderr).toMatch(
    /^error\[INPUT_CYCLE\]: These recipes need each other: \/\S+\/a\.ts -> \/\S+\/b\.ts -> \/\S+\/a\.ts\nhint: .+\n$/,
  )
})

test('a source is named, with the line of its recipe, when its hash or its file is wrong', async () => {
  const file = join(store.folder, 'it.ts')
  const source = "{ source: fetchUrl({ url: 'https://example.org/f', hash: 'sha256-short' }) }"
  const line = (text: string): string => `export const it = make('it', sh\`true\`, ${text})`
  const at = (text: string, word: string): string =>
    `error[BAD_RECIPE]: ${file}:${HEAD + 1}:${line(text).indexOf(word) + 1}: `
  const text = await mistake(line(source))
  expect(text).toContain(`${at(source, 'sha256-')}The source "f" has a wrong hash: `)
  expect(text).toContain('\nhint: Write sha256-<base64>')
  const local = "{ source: localFile('./nothing', import.meta.url) }"
  expect(await mistake(line(local))).toContain(
    `${at(local, 'nothing')}A recipe uses the local file "${join(store.folder, 'nothing')}", which does not exist`,
  )
})

test('a script that no program can be given is told of with the line of its recipe', async () => {
  const text = await mistake('export const it = make("it", sh`echo ${"x".repeat(200_000)}`)')
  expect(text).toContain(
    `error[BAD_RECIPE]: ${join(store.folder, 'it.ts')}:${HEAD + 1}:1: The build of "it-1" has`,
  )
})

test('an input with a mistake is named, and the file that has or needs it', async () => {
  const bad =
    "make('bad', sh`true`, { source: fetchUrl({ url: 'https://example.org/f', hash: 'sha256-short' }) })"
  const it = "export const it = make('it', sh`echo ${bad}`)"
  expect(await mistake(`export const bad = ${bad}\n${it}`, 'it.ts:it')).toContain(
    `error[BAD_RECIPE]: ${join(store.folder, 'it.ts')}:${HEAD + 1}:`,
  )
  await store.write('bad.ts', recipeFile(`export const bad = ${bad}`))
  expect(await mistake(`import { bad } from './bad.ts'\n${it}`)).toContain(
    `error[BAD_RECIPE]: ${join(store.folder, 'it.ts')}: its input "bad-1": The source "f" has a wrong hash`,
  )
})

test('a recipe without a shell learns which input it lacks', async () => {
  const text = await mistake("export const it = recipe({ name: 'it', version: '1', phases: gnu() })")
  expect(text).toContain(
    'The build of "it" needs an input "bash" that gives bin/bash\nhint: Write inputs: { ...toolchain }',
  )
})

test('recipes of a file that were not meant are suggested', async () => {
  await store.write(
    'two.ts',
    recipeFile("export const one = make('one', sh`true`)\nexport const two = make('two', sh`true`)"),
  )
  const hints = async (word: string) =>
    (await store.run(['build', '-n', word])).stderr.replace(/^error\[\w+\]: /, '')
  expect(await hints('./two.ts')).toContain(
    'the file exports several: one, two\nhint: Name one of them: ./two.ts:one\n',
  )
  expect(await hints('./two.ts:tow')).toBe(
    'There is no package "./two.ts:tow"\nhint: Did you mean ./two.ts:two?\n',
  )
  expect(await hints('./two.ts:something')).toContain('hint: Its recipes are: one, two\n')
  expect(await hints('two.ts')).toContain('hint: Did you mean ./two.ts?\n')
  expect(await hints('./no.ts')).toContain('there is no such file\n')
  expect(await hints('helo')).toBe('There is no package "helo"\nhint: Did you mean hello?\n')
  expect(await hints('hello@9')).toContain('hint: Did you mean hello@2.10?\n')
  expect(await hints('hello:doc')).toBe(
    'The package "hello" has no output "doc"\nhint: Its outputs are: out\n',
  )
})

test('a recipe that never ends is interrupted', async () => {
  await store.write('loop.ts', 'for (;;) {}')
  const { status, stderr } = await store.run(['build', './loop.ts'], {
    onStart: child => setTimeout(() => child.kill('SIGINT'), 3000),
  })
  expect({ status, stderr }).toEqual({
    status: 130,
    stderr: expect.stringMatching(
      /^error\[INTERRUPTED\]: Interrupted; every build was stopped and cleaned up\nhint: .+\n$/,
    ),
  })
})

test('STORE_DEBUG=1 shows the stack of an error, which nobody else sees', async () => {
  const { stderr } = await store.run(['build', 'helo'], { env: { STORE_DEBUG: '1' } })
  expect(stderr).toMatch(/^error\[UNKNOWN_PACKAGE\]: .*\nhint: .*\nUnknownPackage: .*\n {4}at /)
  expect((await store.run(['build', 'helo'])).stderr).not.toContain('    at ')
})
