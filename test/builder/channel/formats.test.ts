import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkOut } from '../../../builder/channel/checkout.js'
import { type ChannelConfig, formatChannels, parseChannels } from '../../../builder/channel/config.js'
import { type ChannelDescription, parseDescription } from '../../../builder/channel/layout.js'
import { makePins, parsePins } from '../../../builder/channel/pins.js'
import { repositoryOf, writePulled } from '../../../builder/channel/repository.js'
import { makeRepository } from '../../support/repository.js'
import { temporaryStore } from '../../support/store.js'

const name = fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/)
const path = fc.string().map(text => `/${text}`)
const commit = fc.stringMatching(/^([0-9a-f]{40}|[0-9a-f]{64})$/)
/** Any URL but those with a password, which are refused. */
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

describe('pins-1', () => {
  const pins = makePins([
    { name: 'store', url: 'shipped', commit: '0123456789abcdef0123456789abcdef01234567', isDirty: false },
    { name: 'mine', url: '/home/me/recipes', commit: '0'.repeat(64), isDirty: true },
    { name: 'plain', url: '/home/me/plain', commit: undefined, isDirty: false },
  ])
  const write = (value: object): string => `${JSON.stringify(value)}\n`

  test('is written as in golden/channel/pins.json, which is read', async () => {
    await expect(write(pins)).toMatchFileSnapshot(golden('pins.json'))
    expect(parsePins(await readGolden('pins.json'), 'f')).toEqual(pins)
  })

  test('reads what it writes', () => {
    const pin = fc.record({ name, url, commit: fc.option(commit, { nil: undefined }), isDirty: fc.boolean() })
    fc.assert(
      fc.property(fc.array(pin, { minLength: 1 }), channels => {
        expect(parsePins(write(makePins(channels)), 'f')).toEqual(makePins(channels))
      }),
    )
  })

  test.each([
    ['a newer version', { ...pins, format: 'pins-2' }, 'its format is "pins-2", not "pins-1"'],
    ['a field of a newer version', { ...pins, more: 1 }, 'unknown field "more"'],
    ['no channels', { ...pins, channels: [] }, 'no channels'],
    ['a list', [pins], 'not a record'],
    ['what is no channel', { ...pins, channels: [null] }, 'channel 1 is not a record'],
    [
      'a field of a newer pin',
      { ...pins, channels: [{ ...pins.channels[0], more: 1 }] },
      'unknown field "more"',
    ],
    [
      'a short commit',
      { ...pins, channels: [{ ...pins.channels[0], commit: '01234567' }] },
      'no right commit',
    ],
    ['a missing field', { ...pins, channels: [{ ...pins.channels[0], url: undefined }] }, 'no right url'],
  ])('refuses %s', (_what, value, reason) => {
    expect(() => parsePins(write(value), 'f')).toThrow(reason)
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
      '.hidden': 'left out\n',
    })
    await checkOut(store, repositoryOf(store, repository.folder), id)
    const record = await readFile(join(store.state, 'channels/checkouts', id), 'utf8')
    await expect(record).toMatchFileSnapshot(golden('checkout'))
  })

  test('names the commit that was pulled, in a file called by the hash of the URL', async () => {
    await using store = await temporaryStore()
    await mkdir(join(store.state, 'channels'))
    await writePulled(repositoryOf(store, 'https://example.org/recipes.git'), {
      commit: 'a'.repeat(40),
      isUnsigned: false,
    })
    const file = join(store.state, 'channels/03ced9a968132252b691a3f46458de53.git.pulled')
    expect(await readFile(file, 'utf8')).toBe(`${'a'.repeat(40)}\n`)
  })
})
