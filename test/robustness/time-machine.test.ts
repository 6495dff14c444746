import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, inject, test } from 'vitest'
import { digestOf, formatDigest } from '../../store/index.js'
import { clonedStore, recipeFile } from '../support/cloned.js'
import { type Ran, runStore, temporaryRoot } from '../support/command.js'
import { makeRepository, type TestRepository } from '../support/repository.js'

const store = clonedStore()
const shipped = fileURLToPath(new URL('../..', import.meta.url))

function repository(name: string): TestRepository {
  const folder = join(store.path, name)
  rmSync(folder, { recursive: true, force: true })
  return makeRepository(folder)
}

const travel = (root: string, channel: string, commit: string, ...args: readonly string[]): Promise<Ran> =>
  runStore(
    root,
    ['time-machine', '--unsigned', `--commit=${commit}`, `--channel=${channel}`, '--', ...args],
    {
      // What one store has downloaded is not at hand in another.
      env: { XDG_CACHE_HOME: join(root, 'cache') },
    },
  )

interface Rebuilt {
  readonly commit: string
  readonly name: string
  readonly path: string
  readonly narHash: string
}

/** What building `name` at a commit gives: the path, and the hash of the bytes. */
async function rebuild(root: string, channel: string, commit: string, name: string): Promise<Rebuilt> {
  const { status, stdout, stderr } = await travel(root, channel, commit, 'build', name)
  expect({ commit, status, stderr }).toMatchObject({ status: 0 })
  const info = JSON.parse((await runStore(root, ['info', stdout.trim(), '--json'])).stdout)
  expect(info).toMatchObject({ narHash: expect.any(String) })
  return { commit, name, path: stdout.trim(), narHash: info.narHash }
}

/** A repository with the library and recipes that we ship, and a commit in which the library calls `trivial` otherwise. */
function libraries() {
  const carrier = repository('carrier')
  for (const part of ['recipes', 'builder/recipe'])
    cpSync(join(shipped, part), join(carrier.folder, part), { recursive: true })
  const old = carrier.commit({})
  const read = (name: string): string => readFileSync(join(carrier.folder, name), 'utf8')
  const door = 'builder/recipe/index.ts'
  const changed = Object.fromEntries(
    readdirSync(join(carrier.folder, 'recipes'), { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.ts'))
      .map(name => [`recipes/${name}`, read(`recipes/${name}`).replaceAll(/\btrivial\b/g, 'renamed')]),
  )
  const renamed = read(door).replace(', trivial }', ', trivial as renamed }')
  expect(renamed).not.toBe(read(door))
  const incompatible = carrier.commit({ ...changed, [door]: renamed })
  return { folder: carrier.folder, old, incompatible }
}

test('every commit of a channel gives the paths and bytes of its day, then and from the commits alone', async () => {
  const mine = repository('history')
  const carrier = libraries()
  const pinned = (commit: string): string =>
    JSON.stringify({ format: 'channel-1', library: { url: carrier.folder, commit } })
  const mirrors = ['removed', 'kept'].map(name => join(store.path, name))
  for (const mirror of mirrors) {
    mkdirSync(mirror)
    writeFileSync(join(mirror, 'words'), 'words of a mirror\n')
  }
  const hash = formatDigest(digestOf('sha256', Buffer.from('words of a mirror\n')))
  const tool = (name: string, word: string, places = mirrors): string =>
    recipeFile(
      `const source = fetchUrl({ url: ${JSON.stringify(places.map(place => `file://${place}/words`))}, hash: '${hash}' })
export const it = make('${name}', sh\`{ echo ${word}; cat "$source"; } > "$out"\`, { source })`,
    )
  const last = tool('renamed', 'last', mirrors.slice(1))
  const history = [
    { name: 'tool', files: { 'tool.ts': tool('tool', 'one'), 'channel.json': pinned(carrier.old) } },
    { name: 'tool', files: { 'tool.ts': tool('tool', 'bumped') } },
    { name: 'renamed', files: { 'tool.ts': undefined, 'renamed.ts': tool('renamed', 'bumped') } },
    { name: 'renamed', files: { 'renamed.ts': tool('renamed', 'bumped', mirrors.slice(1)) } },
    {
      name: 'renamed',
      files: {
        'renamed.ts': last.replaceAll(/\btrivial\b/g, 'renamed'),
        'channel.json': pinned(carrier.incompatible),
      },
    },
  ]
  const recorded: Rebuilt[] = []
  for (const { name, files } of history)
    recorded.push(await rebuild(store.path, mine.folder, mine.commit(files), name))
  const [, , named, moved] = recorded
  expect(moved!.path, 'where a source lies names nothing').toBe(named!.path)
  expect(new Set(recorded.map(({ path }) => path)).size).toBe(history.length - 1)
  const broken = mine.commit({ 'renamed.ts': last })
  expect((await travel(store.path, mine.folder, broken, 'build', 'renamed')).stderr).toMatch(/BAD_RECIPE/)
  // Another store, which has the toolchain and nothing else, and a clone in place of the channel.
  rmSync(mirrors[0]!, { recursive: true })
  await using other = await temporaryRoot(inject('seeded'))
  const url = `file://${mine.folder}`
  for (const { commit, name, ...then } of recorded)
    expect(await rebuild(other.path, url, commit, name)).toEqual({ commit, name, ...then })
  rmSync(mine.folder, { recursive: true })
  const { commit, name, ...then } = recorded[0]!
  expect(await rebuild(other.path, url, commit, name)).toEqual({ commit, name, ...then })
})

/** Commits of this repository, and the derivation of hello that each gives. */
const recorded = [
  ['5107bce35b425fd0dc9e668dc8575b1d409c1b0e', '5z2wvvk376vycnw8py4m885v0a5yrp3s'],
  ['62a22791be4bbb969a3fc89235601233240a71a8', 'gmwp8bhi7m87cwl91l3vhj7m001zyab5'],
  ['f3906b115015d754a1f01b5c7319eda9e0deea8c', 'gmwp8bhi7m87cwl91l3vhj7m001zyab5'],
] as const

const hasHistory = recorded.every(
  ([commit]) => spawnSync('git', ['-C', shipped, 'cat-file', '-e', commit]).status === 0,
)

test.for(recorded)('the hello of this repository at %s is what it was', async ([commit, hash], { skip }) => {
  if (!hasHistory) skip('needs a clone with its history')
  const ran = await runStore(store.path, [
    'time-machine',
    `--commit=${commit}`,
    '--',
    'build',
    'hello',
    '--derivation',
  ])
  expect(ran).toMatchObject({ status: 0, stdout: `/store/${hash}-hello-2.10.drv\n` })
})

test('a channel that names no library is rebuilt with that of a commit, named or in a file of pins', async ({
  skip,
}) => {
  if (!hasHistory) skip('needs a clone with its history')
  const mine = repository('leaning')
  const commit = mine.commit({
    'it.ts': `import { recipe, sh, trivial } from 'store/recipe'
import { hello } from 'store/channel/hello'
import { toolchain } from 'store/channel/toolchain'
const { bash } = toolchain
export const it = recipe({ name: 'it', version: '1', inputs: { bash, hello }, phases: trivial(sh\`:\`) })
`,
  })
  const derivation = async (...options: readonly string[]): Promise<string> => {
    const ran = await runStore(store.path, ['time-machine', ...options, '--', 'build', 'it', '--derivation'])
    expect(ran).toMatchObject({ status: 0, stdout: expect.stringMatching(/-it-1\.drv\n$/) })
    return ran.stdout
  }
  const given = new Set<string>()
  for (const library of [recorded[0][0], recorded[2][0]]) {
    const channels = [
      { name: 'mine', url: mine.folder, commit, dirty: false },
      { name: 'store', url: 'shipped', commit: library, dirty: false },
    ]
    const pins = await store.write('pins.json', JSON.stringify({ format: 'pins-1', channels }))
    const named = await derivation(`--commit=${commit}`, `--channel=${mine.folder}`, `--library=${library}`)
    expect(await derivation('-C', pins)).toBe(named)
    given.add(named)
  }
  expect(given.size, 'hello is another one in each').toBe(2)
})

/** A recipe called `name` that needs another one. */
const needs = (name: string, other: string): string => `
import { recipe, sh, text, trivial } from 'store/recipe'
import { it as other } from '${other.startsWith('.') ? other : `store/channel/${other}`}'
export const it = recipe({ name: '${name}', version: '1', inputs: { other }, phases: trivial(sh\`:\`, { shell: text('/sh') }) })
`

describe('bad input is refused with a code, a hint and a status', () => {
  const refused = async (ran: Ran, code: string, status = 1) =>
    expect(ran).toMatchObject({
      status,
      stdout: '',
      stderr: expect.stringMatching(new RegExp(`error\\[${code}\\]: .*\nhint: .*\n$`)),
    })

  test('commits and channels that are not there', async () => {
    const mine = repository('bad')
    const empty = mine.commit({ README: 'no recipes yet' })
    mine.commit({ 'it.ts': recipeFile("export const it = make('it', sh`:`)") })
    const list = (channel: string, commit: string, what: readonly string[] = ['show', 'it']) =>
      travel(store.path, channel, commit, ...what)
    await refused(await list(mine.folder, 'nothing'), 'UNKNOWN_COMMIT')
    await refused(await list(mine.folder, 'f'.repeat(40)), 'UNKNOWN_COMMIT')
    const without = await list(mine.folder, empty)
    await refused(without, 'BAD_CHANNEL')
    expect(without.stderr).toContain(`it has no recipes at ${empty}`)
    await refused(await list('/nowhere', 'main'), 'BAD_CHANNEL')
    await refused(await list('/etc/passwd', 'main'), 'BAD_CHANNEL')
    await refused(await list('ftp://127.0.0.1/x', 'main'), 'BAD_CHANNEL')
    await refused(await list('file:///nowhere', 'main'), 'CHANNEL_UNREACHABLE')
    await refused(await list('ssh://127.0.0.1:1/x', 'main'), 'CHANNEL_UNREACHABLE')
    await refused(await list('elsewhere', 'main'), 'UNKNOWN_CHANNEL')
    await refused(await list(store.folder, 'main'), 'BAD_CHANNEL')
    await refused(await list(mine.folder, 'main', []), 'USAGE', 2)
    const shallow = join(store.path, 'shallow')
    rmSync(shallow, { recursive: true, force: true })
    mine.git('clone', '--quiet', '--depth=1', `file://${mine.folder}`, shallow)
    const lacking = await list(shallow, empty)
    await refused(lacking, 'UNKNOWN_COMMIT')
    expect(lacking.stderr).toContain('git fetch --unshallow')
    const served = await list(`file://${shallow}`, 'main')
    await refused(served, 'CHANNEL_UNREACHABLE')
    expect(served.stderr).toContain('git fetch --unshallow')
    const unborn = makeRepository(join(store.path, 'unborn'))
    await refused(await list(`file://${unborn.folder}`, 'HEAD'), 'CHANNEL_UNREACHABLE')
    const blob = mine.git('rev-parse', 'HEAD:it.ts')
    rmSync(join(mine.folder, '.git/objects', blob.slice(0, 2), blob.slice(2)))
    await refused(await list(mine.folder, 'main'), 'DAMAGED_CLONE')
  })

  test('clones that are damaged, our own and others', async () => {
    const mine = repository('sound')
    const commit = mine.commit({ 'it.ts': recipeFile("export const it = make('it', sh`:`)") })
    const clone = (name: string): string => {
      const folder = join(store.path, name)
      rmSync(folder, { recursive: true, force: true })
      mine.git('clone', '--quiet', '--bare', `file://${mine.folder}`, folder)
      return folder
    }
    const cutPack = (folder: string): void => {
      for (const name of readdirSync(join(folder, 'objects/pack'))) {
        const file = join(folder, 'objects/pack', name)
        chmodSync(file, 0o644)
        if (name.endsWith('.pack')) truncateSync(file, 40)
      }
    }
    const cut = clone('cut')
    cutPack(cut)
    const headless = clone('headless')
    writeFileSync(join(headless, 'HEAD'), 'nothing')
    for (const folder of [cut, headless])
      for (const name of ['main', commit])
        await refused(await travel(store.path, folder, name, 'show', 'it'), 'DAMAGED_CLONE')
    await using other = await temporaryRoot(inject('seeded'))
    const url = `file://${clone('served')}`
    const own = () => travel(other.path, url, 'main', 'show', 'it')
    expect(await own()).toMatchObject({ status: 0 })
    const clones = join(other.path, 'var/channels')
    const [folder] = readdirSync(clones).filter(name => name.endsWith('.git'))
    cutPack(join(clones, folder!))
    await refused(await own(), 'DAMAGED_CLONE')
    rmSync(join(clones, folder!), { recursive: true })
    expect(await own()).toMatchObject({ status: 0 })
  })

  test('channels that are pinned as the library of each other, which cannot go on for ever', async () => {
    const [one, other] = [repository('one'), repository('other')]
    const pins = ({ folder }: TestRepository, commit: string): string =>
      JSON.stringify({ format: 'channel-1', library: { url: folder, commit } })
    const first = one.commit({})
    const second = other.commit({ 'channel.json': pins(one, first), 'b.ts': needs('b', 'a') })
    const third = one.commit({ 'channel.json': pins(other, second), 'a.ts': needs('a', 'b') })
    const build = (channel: string, commit: string, name: string) =>
      travel(store.path, channel, commit, 'build', name, '--derivation')
    expect((await build(one.folder, third, 'a')).stderr).toMatch(
      /error\[BAD_RECIPE\]: .*\/a\.ts:\d+:\d+: no recipe that the library comes with is "store\/channel\/b"\n/,
    )
    const own = one.commit({ 'b.ts': needs('b', 'a') })
    expect((await build(one.folder, own, 'a')).stderr).toContain('by its path, as "./b.ts"')
    const files = { 'a.ts': needs('a', './b.ts'), 'b.ts': needs('b', './a.ts') }
    await refused(await build(one.folder, one.commit(files), 'a'), 'INPUT_CYCLE')
  })

  test('changes of a folder of which a commit is asked for, which are in none', async () => {
    const mine = repository('changing')
    const recipe = (name: string): string => recipeFile(`export const ${name} = make('${name}', sh\`:\`)`)
    const commit = mine.commit({ 'it.ts': recipe('it') })
    writeFileSync(join(mine.folder, 'new.ts'), recipe('changed'))
    await refused(await travel(store.path, mine.folder, 'HEAD', 'show', 'changed'), 'UNKNOWN_PACKAGE')
    const shown = await travel(store.path, mine.folder, 'HEAD', 'show', 'it')
    const note = `the channel "${mine.folder}" has changes that are in no commit, and are left out`
    expect(shown).toMatchObject({ status: 0, stderr: `HEAD is ${commit}\n${note}\n` })
    // What the folder is today says nothing against what it was.
    writeFileSync(join(mine.folder, 'channel.json'), 'broken')
    expect(await travel(store.path, mine.folder, 'HEAD', 'show', 'it')).toMatchObject({ status: 0 })
  })

  test('a commit that no key signed which the channel names, by whatever name a file of pins calls it', async () => {
    const far = repository('unsigned')
    const commit = far.commit({ 'it.ts': recipeFile("export const it = make('it', sh`:`)") })
    const url = `file://${far.folder}`
    const channels = join(store.path, 'channels.json')
    const run = (...args: readonly string[]) => store.run(args, { env: { STORE_CHANNELS: channels } })
    const write = (extra: object) =>
      writeFileSync(
        channels,
        JSON.stringify({ format: 'channels-1', channels: [{ name: 'far', url, ...extra }] }),
      )
    write({})
    expect(await run('channel', 'pull')).toMatchObject({ status: 0 })
    // The keys came later: what was pulled before them is looked at again.
    write({ signers: join(store.path, 'signers') })
    writeFileSync(join(store.path, 'signers'), '')
    await refused(await run('show', 'it'), 'NOT_SIGNED')
    await refused(await run('channel', 'pull'), 'NOT_SIGNED')
    for (const pin of [
      { name: 'far', url },
      { name: 'other', url },
      { name: 'far', url: far.folder },
    ]) {
      const pins = await store.write(
        'pins.json',
        JSON.stringify({ format: 'pins-1', channels: [{ ...pin, commit, dirty: false }] }),
      )
      await refused(await run('time-machine', '-C', pins, '--', 'show', 'it'), 'NOT_SIGNED')
      expect(
        await run('time-machine', '--unsigned', '-C', pins, '--', 'build', 'it', '--derivation'),
      ).toMatchObject({ status: 0 })
    }
    expect(await run('channel', 'pull', '--unsigned')).toMatchObject({ status: 0 })
    expect(await run('build', 'it', '--derivation')).toMatchObject({ status: 0 })
    far.git('commit', '--quiet', '--amend', '--allow-empty', '-m', 'Rewritten')
    await refused(await run('channel', 'pull', '--unsigned'), 'DOWNGRADE')
  })
})
