import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { clonedStore, recipeFile } from '../support/cloned.js'
import type { Ran } from '../support/command.js'
import { makeRepository, type TestRepository } from '../support/repository.js'

const store = clonedStore()
const file = () => join(store.path, 'channels.json')
const run = (...args: string[]): Promise<Ran> => store.run(args, { env: { STORE_CHANNELS: file() } })

/** A repository of recipes in a new folder beside the store. */
function repository(name: string): TestRepository {
  const folder = join(store.path, name)
  rmSync(folder, { recursive: true, force: true })
  return makeRepository(folder)
}

/** A recipe called `name` whose program prints `text`. */
const says = (name: string, text: string): string =>
  recipeFile(
    `export const it = make('${name}', sh\`mkdir -p "$out/bin"; printf '%s\\n' "#!\${bash}/bin/bash" 'echo ${text}' > "$out/bin/${name}"; chmod +x "$out/bin/${name}"\`)`,
  )

beforeEach(() => rm(file(), { force: true }))

describe('store channel', () => {
  test('knows the shipped channel without a file, and keeps folders and URLs in one', async () => {
    const mine = repository('mine')
    mine.commit({ 'mine.ts': says('mine', 'mine') })
    const url = `file://${mine.folder}`
    expect(await run('channel', 'list')).toMatchObject({ status: 0, stdout: 'store shipped\n', stderr: '' })
    expect(await run('channel', 'add', 'mine', '../mine', '--priority', '2')).toMatchObject({
      status: 0,
      stdout: '',
      stderr: '',
    })
    expect((await run('channel', 'add', 'far', url)).stderr).toBe(`fetching ${url}\n`)
    expect((await run('channel', 'list')).stdout).toBe(
      `mine ${mine.folder} priority 2\nstore shipped\nfar ${url}\n`,
    )
    expect(JSON.parse(await readFile(file(), 'utf8'))).toEqual({
      format: 'channels-1',
      channels: [
        { name: 'store', url: 'shipped' },
        { name: 'mine', url: mine.folder, priority: 2 },
        { name: 'far', url },
      ].sort((a, b) => (b.priority ?? 0) - (a.priority ?? 0)),
    })
    const commit = mine.commit({ 'mine.ts': says('mine', 'new') })
    expect((await run('channel', 'pull')).stdout).toBe(`far ${url} ${commit}\n`)
    expect(await run('channel', 'remove', 'far')).toMatchObject({ status: 0, stdout: '' })
    expect(JSON.parse((await run('channel', 'list', '--json')).stdout).channels).toHaveLength(2)
  })

  test('loses none of those that are added at the same time, and leaves a symlink in its place', async () => {
    const names = ['a', 'b', 'c', 'd', 'e']
    await store.write('many/it.ts', says('it', 'it'))
    await store.write('../kept.json', '{"format":"channels-1","channels":[]}')
    await symlink('kept.json', file())
    const all = await Promise.all(names.map(name => run('channel', 'add', name, './many')))
    expect(all.map(({ stderr }) => stderr)).toEqual(names.map(() => ''))
    const { channels } = JSON.parse(await readFile(join(store.path, 'kept.json'), 'utf8'))
    expect(channels.map(({ name }: { name: string }) => name).sort()).toEqual(names)
    const twice = await Promise.all([1, 2].map(() => run('channel', 'add', 'f', './many')))
    expect(twice.map(({ status }) => status).sort()).toEqual([0, 1])
  })

  test('adds another branch of a URL as it is, and one that went back only when told', async () => {
    const moving = repository('moving')
    const url = `file://${moving.folder}`
    moving.commit({ 'it.ts': says('it', 'older') })
    moving.git('branch', 'stable')
    moving.commit({ 'it.ts': says('it', 'newer') })
    const add = (...options: string[]) => run('channel', 'add', 'moving', url, ...options)
    const remove = () => run('channel', 'remove', 'moving')
    expect(await add()).toMatchObject({ status: 0 })
    await remove()
    expect(await add('--branch=stable')).toMatchObject({ status: 0 })
    await remove()
    moving.git('reset', '--quiet', '--hard', 'stable')
    expect((await add()).stderr).toMatch(
      /^fetching .*\nerror\[DOWNGRADE\]: .*\nhint: .*--allow-downgrade.*\n$/,
    )
    expect(await add('--allow-downgrade')).toMatchObject({ status: 0 })
  })

  test('refuses what cannot be a channel, and writes nothing of it', async () => {
    const refused: readonly (readonly [readonly string[], string])[] = [
      [['add', 'store', '/'], 'BAD_CHANNEL'],
      [['add', 'no', './nothing'], 'BAD_CHANNEL'],
      [['add', 'no', 'file:///nowhere'], 'CHANNEL_UNREACHABLE'],
      [['add', 'no', 'https://me:secret@127.0.0.1:1/it'], 'BAD_CHANNEL'],
      [['add', 'no', 'https://secret@127.0.0.1:1/it'], 'BAD_CHANNEL'],
      [['add', '../no', '/'], 'USAGE'],
      [['add', 'no'], 'USAGE'],
      [['remove', 'no'], 'UNKNOWN_CHANNEL'],
      [['pull', 'no'], 'UNKNOWN_CHANNEL'],
      [['pull', 'store'], 'BAD_CHANNEL'],
      [['frobnicate'], 'USAGE'],
    ]
    for (const [words, code] of refused) {
      const { stdout, stderr } = await run('channel', ...words)
      expect({ words, stdout, stderr }).toEqual({
        words,
        stdout: '',
        stderr: expect.stringMatching(new RegExp(`^(fetching .*\\n)?error\\[${code}\\]: .*\\nhint: .*\\n$`)),
      })
      expect(stderr).not.toContain('secret')
    }
    await expect(readFile(file())).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

test('of two channels that have a package the one of higher priority gives it, and says so', async () => {
  for (const name of ['one', 'two']) repository(name).commit({ 'it.ts': says('it', name) })
  await run('channel', 'add', 'one', '../one')
  await run('channel', 'add', 'two', '../two')
  expect(await run('run', '-q', 'it')).toMatchObject({ status: 0, stdout: 'one\n' })
  const shown = await run('show', 'it')
  expect(shown.stderr).toBe('"it" is of the channel "one"; two has it, too\n')
  expect(shown.stdout).toContain(`\nchannel: one\nrecipe: ${store.path}/one/it.ts\n`)
  await run('channel', 'remove', 'two')
  await run('channel', 'add', 'two', '../two', '--priority', '1')
  expect(await run('run', '-q', 'it')).toMatchObject({ status: 0, stdout: 'two\n' })
  expect((await run('list')).stdout.match(/^it@1/gm)).toHaveLength(1)
})

test('list and search leave out what is broken, say so, and end with 1', async () => {
  await store.write('half/it.ts', says('it', 'it'))
  await store.write('half/bad.ts', 'nothing.at.all()')
  await run('channel', 'add', 'half', './half')
  await run('channel', 'remove', 'store')
  const left = expect.stringMatching(
    /^left out: .*\/half\/bad\.ts:1:1: the recipe throws ReferenceError.*\n$/,
  )
  for (const words of [['list'], ['search', 'it']])
    expect(await run(...words)).toMatchObject({ status: 1, stdout: 'it@1\n', stderr: left })
  await rm(join(store.folder, 'half/it.ts'))
  expect(await run('list')).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringMatching(/^error\[BAD_RECIPE\]: .*\nhint: /),
  })
})

describe('the time machine', () => {
  test('runs commands with what store describe wrote, whatever the channels say now', async () => {
    const folder = repository('folder')
    const far = repository('far')
    folder.commit({ 'it.ts': says('it', 'then') })
    far.commit({ 'other.ts': says('other', 'other') })
    await run('channel', 'add', 'folder', '../folder')
    await run('channel', 'add', 'far', `file://${far.folder}`)
    await run('channel', 'remove', 'store')
    const then = (await run('build', 'it', 'other')).stdout
    expect((await run('describe')).stdout).toMatch(
      /^folder \/.*\/folder [0-9a-f]{40}\nfar file:.* [0-9a-f]{40}\nlibrary: shipped \S+( \(changed\))?\n$/,
    )
    const pins = await store.write('pins.json', (await run('describe', '--json')).stdout)
    folder.commit({ 'it.ts': undefined, 'renamed.ts': says('it', 'now') })
    far.commit({ 'other.ts': says('other', 'changed') })
    await run('channel', 'pull')
    expect((await run('build', 'it', 'other')).stdout).not.toBe(then)
    await rm(file())
    const back = (...args: string[]) => run('time-machine', '-C', pins, '--', ...args)
    expect((await back('build', 'it', 'other')).stdout).toBe(then)
    expect((await back('run', 'it')).stdout).toBe('then\n')
    expect((await back('shell', 'it', 'other', '--', 'sh', '-c', 'it; other')).stdout).toBe('then\nother\n')
    expect((await back('show', 'it')).stdout).toContain(`(${then.split('\n')[0]})`)
    expect((await back('graph', 'it')).stdout).toContain(then.split('\n')[0]!.slice(7))
    expect((await back('list')).stdout).toBe('it@1     folder\nother@1  far\n')
    expect(await back('frobnicate')).toMatchObject({ status: 2 })
    expect((await run('time-machine', '-C', pins, '--channel=far', '--', 'list')).stderr).toMatch(
      /^error\[USAGE\]: --channel .*\nhint: /,
    )
  })

  test('asks for the keys of a channel however its folder is spelt', async () => {
    const signed = repository('signed')
    const commit = signed.commit({ 'it.ts': says('it', 'it') })
    const signers = await store.write('signers', '')
    const channel = { name: 'signed', url: `${signed.folder}/`, signers }
    await writeFile(file(), JSON.stringify({ format: 'channels-1', channels: [channel] }))
    for (const name of ['signed', signed.folder, `${signed.folder}/`, '../signed/'])
      expect(
        (await run('time-machine', `--commit=${commit}`, `--channel=${name}`, '--', 'list')).stderr,
      ).toContain('error[NOT_SIGNED]')
  })

  test('goes back to a plain folder while it is the same, and to nothing that is no file of pins', async () => {
    await store.write('plain/it.ts', says('it', 'plain'))
    await run('channel', 'add', 'plain', './plain')
    await run('channel', 'remove', 'store')
    const described = await run('describe', '--json')
    expect(described.stderr).toContain(
      'the channel "plain" can be gone back to only while it stays as it is: it is a plain folder',
    )
    const pins = await store.write('pins.json', described.stdout)
    const list = () => run('time-machine', '-C', pins, '--', 'list')
    const { content } = JSON.parse(described.stdout).channels[0]
    expect(await list()).toMatchObject({ status: 0, stdout: 'it@1\n' })
    expect(await run('time-machine', `--commit=${content}`, '--channel=plain', '--', 'list')).toMatchObject({
      status: 0,
      stdout: 'it@1\n',
    })
    await store.write('plain/it.ts', says('it', 'changed'))
    const refused = (code: string) => ({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(new RegExp(`error\\[${code}\\]: .*\nhint: .*\n$`)),
    })
    expect(await list()).toMatchObject(refused('OTHER_CONTENT'))
    const first = '{"format":"pins-1","channels":[{"name":"a","url":"/a","commit":null,"dirty":false}]}'
    for (const text of [first, '{"format":"pins-3"}', 'x']) {
      await store.write('pins.json', text)
      expect(await list()).toMatchObject(refused('BAD_PINS'))
    }
    expect((await run('time-machine', '--commit=HEAD', '--channel=plain', '--', 'list')).stderr).toMatch(
      /^error\[BAD_CHANNEL\]: .*plain folder.*\nhint: /,
    )
  })
})

describe('store info', () => {
  test('prints the command that rebuilds an object, which does', async () => {
    const far = repository('rebuilt')
    const commit = far.commit({ 'recipes/made.ts': says('made', 'something') })
    const url = `file://${far.folder}`
    await run('channel', 'add', 'far', url)
    const built = (await run('build', 'made')).stdout.trim()
    const { stdout } = await run('info', built)
    for (const line of ['built for: made@1', `channel: far (${url})`, `commit: ${commit}`, 'recipe: made.ts'])
      expect(stdout).toContain(`\n${line}\n`)
    const [program, ...args] = /^rebuild: (.*)$/m.exec(stdout)![1]!.split(' ')
    expect(program).toBe('store')
    far.commit({ 'recipes/made.ts': says('made', 'something else') })
    await run('channel', 'pull')
    expect((await run('build', 'made')).stdout.trim()).not.toBe(built)
    await rm(file())
    expect(await run('gc', '--delete', built)).toMatchObject({ status: 0 })
    expect(await run(...args)).toMatchObject({ status: 0, stdout: `${built}\n` })
  })

  test('prints a command that a shell takes as it is, whatever the folder is called and whether a commit has it', async () => {
    const named = repository("it's here; $HOME")
    const commit = named.commit({ 'quoted.ts': says('quoted', 'something') })
    await store.write('a plain one/plain.ts', says('plain', 'something'))
    await run('channel', 'add', 'named', named.folder)
    await run('channel', 'add', 'plain', './a plain one')
    for (const [name, origin] of [
      ['quoted', `commit: ${commit}`],
      ['plain', 'content: blake3-'],
    ] as const) {
      const built = (await run('build', name)).stdout.trim()
      const { stdout } = await run('info', built)
      expect(stdout).toContain(`\n${origin}`)
      const command = /^rebuild: store (.*)$/m.exec(stdout)![1]!
      const words = execFileSync('bash', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' }).split(
        '\0',
      )
      expect(await run(...words.slice(0, -1))).toMatchObject({ status: 0, stdout: `${built}\n` })
    }
  })

  test('prints a command that takes what was taken unsigned', async () => {
    const far = repository('unsigned')
    far.commit({ 'unsigned.ts': says('unsigned', 'something') })
    const url = `file://${far.folder}`
    const keys = ['--signers', await store.write('signers', '')]
    expect((await run('channel', 'add', 'far', url, ...keys)).stderr).toContain('error[NOT_SIGNED]')
    expect(await run('channel', 'add', 'far', url, ...keys, '--unsigned')).toMatchObject({ status: 0 })
    const built = (await run('build', 'unsigned')).stdout.trim()
    const command = /^rebuild: store (.*)$/m.exec((await run('info', built)).stdout)![1]!
    expect(command).toContain(' --unsigned -- build unsigned@1')
    expect(await run('gc', '--delete', built)).toMatchObject({ status: 0 })
    expect(await run(...command.split(' '))).toMatchObject({ status: 0, stdout: `${built}\n` })
    expect((await run('info', built)).stdout).toContain(`\nrebuild: store ${command}\n`)
  })

  test('says why no command rebuilds what options changed, or no channel has', async () => {
    for (const name of ['data', 'other']) await store.write(name, name)
    const fields = "{ source: localFile('./data', import.meta.url) }"
    await store.write(
      'alone.ts',
      recipeFile(`export const it = make('alone', sh\`cp "$source" "$out"\`, ${fields})`),
    )
    for (const [words, reason] of [
      [['./alone.ts'], 'its recipe file was in no channel'],
      [['./alone.ts', '--with-source', 'alone=./other'], 'options changed its recipes'],
    ] as const) {
      const built = (await run('build', ...words)).stdout.trim()
      expect((await run('info', built)).stdout).toContain(`\nrebuild: no command does, as ${reason}\n`)
      expect(JSON.parse((await run('info', '--json', built)).stdout)).toMatchObject({
        rebuild: null,
        rebuildProblem: reason,
      })
    }
  })

  test('tells the commit that has what was built of a folder with changes, or of no channel, before', async () => {
    await store.write('grown/grown.ts', says('grown', 'grown'))
    const folder = join(store.folder, 'grown')
    const built = (await run('build', './grown/grown.ts')).stdout.trim()
    const info = async (): Promise<string> => (await run('info', built)).stdout
    const again = async (): Promise<string> => {
      expect(await run('build', 'grown')).toMatchObject({ status: 0, stdout: `${built}\n`, stderr: '' })
      return info()
    }
    expect(await info()).toContain('rebuild: no command')
    await run('channel', 'add', 'grown', folder)
    expect(await again()).toContain('\ncontent: blake3-')
    const grown = makeRepository(folder)
    const commit = grown.commit({})
    expect(await again()).toContain(`\ncommit: ${commit}\nrecipe: grown.ts\nrebuild: store time-machine`)
    await store.write('grown/grown.ts', says('grown', 'changed'))
    const changed = (await run('build', 'grown')).stdout.trim()
    expect((await run('info', changed)).stdout).toContain('with changes that are in no commit')
    const next = grown.commit({})
    expect(await run('run', '-q', 'grown')).toMatchObject({ status: 0, stdout: 'changed\n' })
    expect((await run('info', changed)).stdout).toContain(
      `\ncommit: ${next}\nrecipe: grown.ts\nrebuild: store`,
    )
    expect(await info()).toContain(`\ncommit: ${commit}\n`)
  })

  test('marks what a folder with changes gave, which no command rebuilds', async () => {
    const folder = repository('dirty')
    const commit = folder.commit({ 'dirty.ts': says('dirty', 'clean') })
    await run('channel', 'add', 'changing', '../dirty')
    await store.write('../dirty/dirty.ts', says('dirty', 'dirty'))
    const built = (await run('build', 'dirty')).stdout.trim()
    const { stdout } = await run('info', built)
    expect(stdout).toContain('built for: dirty@1, with changes that are in no commit\n')
    expect(stdout).toMatch(
      /^rebuild: no command does, as its recipes, .*, had changes that are in no commit$/m,
    )
    const described = await run('describe')
    expect(described.stdout).toContain(`changing ${folder.folder} ${commit} (changed)\n`)
    expect(described.stderr).toContain('the channel "changing" has changes that are in no commit\n')
    const pins = await store.write('pins.json', (await run('describe', '--json')).stdout)
    expect((await run('time-machine', '-C', pins, '--', 'run', '-q', 'dirty')).stderr).toContain(
      `the channel "changing" had changes that are not in ${commit}\n`,
    )
  })
})
