import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkOut } from '../../../builder/channel/checkout.js'
import { type ChannelConfig, formatChannels, parseChannels } from '../../../builder/channel/config.js'
import { contentOf, findOtherContent } from '../../../builder/channel/content.js'
import type { Point } from '../../../builder/channel/folder.js'
import { type ChannelDescription, parseDescription } from '../../../builder/channel/layout.js'
import { makePins, parsePins } from '../../../builder/channel/pins.js'
import { writePulled } from '../../../builder/channel/pulled.js'
import { repositoryOf } from '../../../builder/channel/repository.js'
import { digestOf, formatDigest } from '../../../store/index.js'
import { makeRepository } from '../../support/repository.js'
import { temporaryStore } from '../../support/store.js'

const name = fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/)
const path = fc.string().map(text => resolve('/', text))
const commit = fc.stringMatching(/^([0-9a-f]{40}|[0-9a-f]{64})$/)
/** Any URL but those with a secret, which are refused. */
const url = fc
  .oneof(
    fc.constant('shipped'),
    path,
    fc.webUrl(),
    fc.stringMatching(/^(ssh|file|git):\/\/.+$/),
    fc.stringMatching(/^[\w.-]+@[\w.-]+:.+$/),
  )
  .filter(text => !/:\/\/.*:.*@/.test(text))

const golden = (file: string): string => `../../golden/channel/${file}`
const readGolden = (file: string): Promise<string> =>
  readFile(join(import.meta.dirname, golden(file)), 'utf8')

describe('channels-1', () => {
  const channels: readonly ChannelConfig[] = [
    { name: 'store', url: 'shipped' },
    { name: 'mine', url: '/home/me/recipes', priority: 1 },
    {
      name: 'theirs',
      url: 'https://example.org/recipes.git',
      branch: 'stable',
      signers: '/home/me/theirs.signers',
      fingerprints: ['0123456789ABCDEF0123456789ABCDEF01234567'],
    },
  ]

  test('is written as in golden/channel/channels.json, which is read', async () => {
    await expect(formatChannels(channels)).toMatchFileSnapshot(golden('channels.json'))
    expect(parseChannels(await readGolden('channels.json'), 'f')).toEqual(channels)
  })

  test('reads what it writes', () => {
    const channel = fc.record(
      {
        name,
        url,
        branch: fc.stringMatching(/^[a-z][a-z0-9/._-]*$/),
        priority: fc.maxSafeInteger(),
        signers: path,
        fingerprints: fc.array(fc.stringMatching(/^[0-9A-F]{40}$/)),
      },
      { requiredKeys: ['name', 'url'] },
    )
    fc.assert(
      fc.property(fc.uniqueArray(channel, { selector: ({ name }) => name }), channels => {
        expect(parseChannels(formatChannels(channels), 'f')).toEqual(channels)
      }),
    )
  })

  test.each([
    ['a newer version', { format: 'channels-2', channels }, 'its format is "channels-2", not "channels-1"'],
    ['a field of a newer version', { format: 'channels-1', channels, more: 1 }, 'unknown field "more"'],
  ])('refuses %s', (_what, value, reason) => {
    expect(() => parseChannels(JSON.stringify(value), 'f')).toThrow(reason)
  })
})

describe('channel-1', () => {
  const description = {
    recipes: 'packages',
    library: { url: 'https://example.org/store.git', commit: '0123456789abcdef0123456789abcdef01234567' },
  }
  const write = (value: object): string =>
    `${JSON.stringify({ format: 'channel-1', ...value }, undefined, 2)}\n`

  test('is read from golden/channel/channel.json', async () => {
    await expect(write(description)).toMatchFileSnapshot(golden('channel.json'))
    expect(parseDescription('it', await readGolden('channel.json'))).toEqual(description)
  })

  test('means what it says', () => {
    const any: fc.Arbitrary<ChannelDescription> = fc.record(
      { recipes: fc.stringMatching(/^[a-z][a-z/]*$/), library: fc.record({ url, commit }) },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(any, value => {
        expect(parseDescription('it', write(value))).toEqual(value)
      }),
    )
  })

  test('may name a user of https, but no password', () => {
    const ofUser = (user: string) => ({ library: { url: `https://${user}@example.org/s.git`, commit: id } })
    expect(parseDescription('it', write(ofUser('me')))).toEqual(ofUser('me'))
    expect(() => parseDescription('it', write(ofUser('me:secret')))).toThrow('a "library" that is not')
  })

  test.each([
    ['a newer version', { format: 'channel-2' }, 'has the format "channel-2", not "channel-1"'],
    ['a field of a newer version', { more: 1 }, 'unknown field "more"'],
    [
      'a field of a newer library',
      { library: { ...description.library, more: 1 } },
      'a "library" that is not',
    ],
  ])('refuses %s', (_what, value, reason) => {
    expect(() => parseDescription('it', write(value))).toThrow(reason)
  })
})

const point: fc.Arbitrary<Point> = fc.oneof(
  fc.record({ kind: fc.constant('commit' as const), commit, isDirty: fc.boolean() }),
  fc.record({
    kind: fc.constant('content' as const),
    content: fc.uint8Array({ maxLength: 9 }).map(bytes => formatDigest(digestOf('blake3', bytes))),
  }),
)

const id = '0123456789abcdef0123456789abcdef01234567'
const content = 'blake3-rxNJufX5oaagQE3qNtzJSZvLJcmtwRK3zJqTyuQfMmI='
/** The shipped channel, and one that had changes. */
const shipped = { url: 'shipped', point: { kind: 'commit', commit: id, isDirty: false } } as const
const changed = {
  name: 'mine',
  url: '/home/me/recipes',
  point: { kind: 'commit', commit: '0'.repeat(64), isDirty: true },
} as const
const write = (value: object): string => `${JSON.stringify(value)}\n`

describe('pins-2', () => {
  const pins = {
    library: shipped,
    channels: [
      { name: 'store', ...shipped },
      changed,
      { name: 'plain', url: '/home/me/plain', point: { kind: 'content', content } },
    ],
  } as const
  const written = makePins(pins)
  const [first, , plain] = written.channels

  test('is written as in golden/channel/pins-2.json, which is read', async () => {
    await expect(write(written)).toMatchFileSnapshot(golden('pins-2.json'))
    expect(parsePins(await readGolden('pins-2.json'), 'f')).toEqual(pins)
  })

  test('reads what it writes', () => {
    const pin = fc.record({ name, url, point })
    const any = fc.record({
      library: fc.record({ url, point }),
      channels: fc.array(pin, { minLength: 1 }),
    })
    fc.assert(
      fc.property(any, value => {
        expect(parsePins(write(makePins(value)), 'f')).toEqual(value)
      }),
    )
  })

  test.each([
    ['a newer version', { ...written, format: 'pins-3' }, 'its format is "pins-3", not "pins-2"'],
    ['a field of a newer version', { ...written, more: 1 }, 'unknown field "more"'],
    ['no library', { ...written, library: undefined }, 'the library is not a record'],
    ['a library with a name', { ...written, library: first }, 'the library has an unknown field "name"'],
    ['no channels', { ...written, channels: [] }, 'no channels'],
    ['a list', [written], 'not a record'],
    ['what is no channel', { ...written, channels: [null] }, 'channel 1 is not a record'],
    ['a field of a newer pin', { ...written, channels: [{ ...first, more: 1 }] }, 'unknown field "more"'],
    ['a short commit', { ...written, channels: [{ ...first, commit: '01234567' }] }, 'no right commit'],
    ['no commit', { ...written, channels: [{ ...first, commit: null }] }, 'no right commit'],
    ['a commit and a content', { ...written, channels: [{ ...first, content }] }, 'unknown field "commit"'],
    ['another hash', { ...written, channels: [{ ...plain, content: 'sha256-' }] }, 'no right content'],
    ['a missing field', { ...written, channels: [{ ...first, url: undefined }] }, 'no right url'],
    ['a password', { ...written, channels: [{ ...first, url: 'https://me:x@a.example/' }] }, 'no right url'],
  ])('refuses %s', (_what, value, reason) => {
    expect(() => parsePins(write(value), 'f')).toThrow(reason)
  })
})

test('pins may name a user of https', () => {
  const url = 'https://me@example.org/recipes.git'
  const pin = { url, commit: id, dirty: false }
  const text = JSON.stringify({ format: 'pins-2', library: pin, channels: [{ name: 'mine', ...pin }] })
  expect(parsePins(text, 'f')).toMatchObject({ library: { url }, channels: [{ url }] })
})

describe('pins-1', () => {
  const mine = { name: 'mine', url: '/home/me/recipes', commit: '0'.repeat(64), dirty: true }

  test('is read from golden/channel/pins-1.json, with the library of the shipped channel', async () => {
    expect(parsePins(await readGolden('pins-1.json'), 'f')).toEqual({
      library: shipped,
      channels: [{ name: 'store', ...shipped }, changed],
    })
    expect(parsePins(write({ format: 'pins-1', channels: [mine] }), 'f')).not.toHaveProperty('library')
  })

  test.each([
    ['a plain folder', { channels: [{ ...mine, commit: null, dirty: false }] }, 'was a plain folder'],
    ['a library', { channels: [mine], library: shipped }, 'unknown field "library"'],
    ['the hash of a content', { channels: [{ ...mine, content }] }, 'unknown field "commit"'],
  ])('refuses %s', (_what, value, reason) => {
    expect(() => parsePins(write({ format: 'pins-1', ...value }), 'f')).toThrow(reason)
  })
})

describe('the state of a channel', () => {
  test('names the object that a commit became: golden/channel/checkout', async () => {
    await using store = await temporaryStore()
    const repository = makeRepository(join(store.directory, 'channel'))
    await writeFile(join(repository.folder, 'run'), '#!/bin/sh\n', { mode: 0o755 })
    const id = repository.commit({
      'recipes/it.ts': 'export const it = 1\n',
      'builder/recipe/index.ts': 'export {}\n',
      'builder/index.ts': 'the program is left out\n',
      '.hidden': 'no less than others\n',
      'node_modules/it/index.js': 'left out\n',
    })
    await checkOut(store, repositoryOf(store, repository.folder), id)
    const record = await readFile(join(store.state, 'channels/checkouts-2', id), 'utf8')
    await expect(record).toMatchFileSnapshot(golden('checkout'))
  })

  test('names the commit that was pulled, in a file called by the hashes of the URL, and of name and branch', async () => {
    await using store = await temporaryStore()
    const folder = join(store.state, 'channels')
    await mkdir(folder)
    const repository = repositoryOf(store, 'https://example.org/recipes.git')
    const pulled = { commit: 'a'.repeat(40), isUnsigned: false }
    await writePulled(repository, { name: 'theirs' }, pulled)
    await writePulled(repository, { name: 'theirs', branch: 'stable' }, { ...pulled, isUnsigned: true })
    const read = (key: string): Promise<string> =>
      readFile(join(folder, `03ced9a968132252b691a3f46458de53.git.${key}.pulled-2`), 'utf8')
    expect(await read('0eafc5cac09a7ba33a22ac9540e4df61')).toBe(`${pulled.commit}\n`)
    expect(await read('d6bc288e8615fc6e408f5705b58b3e73')).toBe(`${pulled.commit} unsigned\n`)
  })
})

test('the content of a folder is hashed as in golden/channel/content-2, whatever lies beside the recipes', async () => {
  await using store = await temporaryStore()
  const folder = join(store.directory, 'channel')
  const add = async (name: string, text = name, mode = 0o644): Promise<void> => {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text, { mode })
  }
  for (const name of ['recipes/it.ts', 'recipes/files/a.patch', 'builder/recipe/index.ts']) await add(name)
  await add('recipes/files/run', '#!/bin/sh', 0o755)
  await symlink('it.ts', join(folder, 'recipes/link.ts'))
  await add('channel.json', '{"format":"channel-1"}')
  const hash = () => contentOf('it', folder)
  const before = await hash()
  await expect(before).toMatchFileSnapshot(golden('content-2'))
  const beside = ['README.md', '.hidden', 'recipes/node_modules/x', 'recipes/.store/x', 'recipes/.git/x']
  for (const name of [...beside, 'builder/index.ts', 'dist/x']) await add(name)
  await mkdir(join(folder, 'empty'))
  expect(await hash()).toBe(before)
  // What another program saw of the same folder, which has neither hidden files nor empty folders, holds.
  const first = await readGolden('content-1')
  expect(await findOtherContent('it', folder, first)).toBeUndefined()
  expect(await findOtherContent('it', folder, before)).toBeUndefined()
  for (const make of [() => add('recipes/files/.hidden'), () => mkdir(join(folder, 'recipes/files/empty'))]) {
    await make()
    const now = await hash()
    expect(now).not.toBe(before)
    for (const other of [first, before]) expect(await findOtherContent('it', folder, other)).toBe(now)
    for (const name of ['.hidden', 'empty'])
      await rm(join(folder, 'recipes/files', name), { recursive: true, force: true })
  }
  await chmod(join(folder, 'recipes/files/run'), 0o644)
  expect(await hash()).not.toBe(before)
  await chmod(join(folder, 'recipes/files/run'), 0o755)
  for (const name of ['recipes/it.ts', 'recipes/files/a.patch', 'builder/recipe/index.ts', 'channel.json']) {
    const was = await readFile(join(folder, name), 'utf8')
    await add(name, `${was} `)
    expect(await hash(), name).not.toBe(before)
    await add(name, was)
  }
  expect(await hash()).toBe(before)
})
