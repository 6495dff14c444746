import { randomBytes } from 'node:crypto'
import { lstat, readdir, readFile, readlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { inspectArchive } from '../../../builder/fetch/archive.js'
import { unpackArchive } from '../../../builder/fetch/unpack.js'
import { hashTree } from '../../../store/index.js'
import { filesIn, golden, scratch, tarOf, type Zipped, zipOf } from './support.js'

const narOf = async (archive: string): Promise<string> => {
  await using directory = await scratch()
  const target = join(directory.path, 'out')
  await unpackArchive(golden(archive), target)
  return (await hashTree(target)).narHash.hex
}

test.each(['tiny.tar.xz', 'tiny.tar.bz2', 'tiny.tar.zst', 'two-frames.tar.zst'])(
  'unpackArchive gives the same tree for %s as for gz',
  async archive => {
    expect(await narOf(archive)).toBe(await narOf('tiny.tar.gz'))
  },
)

test('unpackArchive takes the only folder of a zip for the tree, with its modes and symlinks', async () => {
  await using directory = await scratch()
  const target = join(directory.path, 'out')
  await unpackArchive(golden('folder.zip'), target)
  expect((await readdir(target, { recursive: true })).sort()).toEqual(['README', 'alias', 'bin', 'bin/tiny'])
  expect((await lstat(join(target, 'README'))).mode & 0o7777).toBe(0o640)
  expect((await lstat(join(target, 'bin/tiny'))).mode & 0o7777).toBe(0o755)
  expect(await readFile(join(target, 'bin/tiny'), 'utf8')).toBe('#!/bin/sh\necho tiny\n')
  expect(await readlink(join(target, 'alias'))).toBe('bin/tiny')
  expect(await filesIn(directory.path)).toEqual(['out'])
})

test('unpackArchive leaves its user able to move and remove what may not be written', async () => {
  await using directory = await scratch()
  const file = join(directory.path, 'archive')
  await writeFile(
    file,
    zipOf([
      { name: 'only/', mode: 0o040555 },
      { name: 'only/in/', mode: 0o040555 },
      { name: 'only/in/a', body: 'x' },
    ]),
  )
  await unpackArchive(file, join(directory.path, 'out'))
  for (const folder of ['out', 'out/in'])
    expect((await lstat(join(directory.path, folder))).mode & 0o700, folder).toBe(0o700)
})

/** Unpacks an archive of these bytes: the files it gives, or the error when nothing is left. */
async function unpacked(bytes: Buffer) {
  await using directory = await scratch()
  const file = join(directory.path, 'archive')
  const target = join(directory.path, 'out')
  await writeFile(file, bytes)
  const error = await unpackArchive(file, target).catch((caught: unknown) => caught)
  if (error === undefined) return await filesIn(target)
  expect(await filesIn(directory.path)).toEqual(['archive'])
  return error
}

test.each<[string, readonly Zipped[]]>([
  ['several members', [{ name: 'a', body: 'x' }, { name: 'b/' }]],
  [
    'members that are not packed',
    [
      { name: 'a', body: 'x', method: 0 },
      { name: 'b', mode: 0 },
    ],
  ],
])('unpackArchive keeps %s of a zip as they are', async (_what, members) => {
  expect(await unpacked(zipOf(members))).toEqual(['a', 'b'])
})

test('a program before a zip moves nothing', async () => {
  const bytes = Buffer.concat([Buffer.from('PK\x03\x04 no member'), zipOf([{ name: 'a', body: 'x' }])])
  expect(await unpacked(bytes)).toEqual(['a'])
})

describe('unpackArchive refuses', () => {
  test.each<[string, readonly Zipped[], RegExp]>([
    ['a member above', [{ name: '../x' }], /"\.\.\/x" would leave/],
    ['an absolute one', [{ name: '/etc/x' }], /"\/etc\/x" would leave/],
    [
      'one through a symlink',
      [
        { name: 'l', body: '/tmp', mode: 0o120777 },
        { name: 'l/x', body: 'evil' },
      ],
      /"l\/x" would leave/,
    ],
    ['a device', [{ name: 'd', mode: 0o020666 }], /"d" is a thing unknown/],
    ['a member twice', [{ name: 'a' }, { name: 'a' }], /"a" contradicts/],
    ['a symlink without end', [{ name: 'l', body: 'x'.repeat(5000), mode: 0o120777 }], /"l" is too long/],
    [
      'one that unfolds further than it says',
      [{ name: 'a', body: Buffer.alloc(9e6), claims: { size: 9 } }],
      /"a" is larger/,
    ],
    ['a wrong checksum', [{ name: 'a', body: 'x', claims: { crc: 1 } }], /"a" is damaged/],
    [
      'members that share bytes',
      Array.from({ length: 9 }, (_, i) => ({ name: `${i}`, body: randomBytes(9000), claims: { start: 0 } })),
      /its members overlap/,
    ],
    ['an encrypted one', [{ name: 'a', body: 'x', flags: 1 }], /"a" is encrypted/],
    ['an unknown method', [{ name: 'a', body: 'x', method: 93 }], /"a" is packed by method 93/],
  ])('in a zip %s, and leaves nothing', async (_what, members, message) => {
    expect(await unpacked(zipOf(members))).toMatchObject({
      code: 'BAD_ARCHIVE',
      message: expect.stringMatching(message),
    })
  })

  test('in a tar a member above', async () => {
    expect(await unpacked(await tarOf([{ name: 'a' }, { name: '../x' }]))).toMatchObject({
      code: 'BAD_ARCHIVE',
    })
  })

  test('what is no archive', async () => {
    expect(await unpacked(Buffer.from('text'))).toMatchObject({
      message: expect.stringMatching(/neither a tar nor a zip archive$/),
    })
  })

  test('zstd that needs more memory than is allowed', async () => {
    const head = Buffer.from(`28b52ffd00b0${'00'.repeat(30)}`, 'hex')
    expect(await unpacked(head)).toMatchObject({ message: expect.stringMatching(/more memory/) })
  })
})

test('holds little of a zstd file in memory that unfolds to gigabytes', async () => {
  // Blocks that repeat one byte 128 KiB times.
  const block = Buffer.from([0x02, 0x00, 0x10, 0x78])
  await using directory = await scratch()
  const file = join(directory.path, 'bomb.zst')
  const last = Buffer.from([0x03, 0x00, 0x10, 0x78])
  const blocks = Array(8192).fill(block)
  await writeFile(file, Buffer.concat([Buffer.from('28b52ffd0040', 'hex'), ...blocks, last]))
  const before = process.memoryUsage().rss
  expect(await inspectArchive(file)).toEqual({ newest: undefined, escaping: undefined })
  expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20)
})
