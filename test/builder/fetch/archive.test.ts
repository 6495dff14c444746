import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inspectArchive } from '../../../builder/fetch/archive.js'
import { golden, type Member, scratch, tarOf } from './support.js'

const seconds = (text: string): number => Date.parse(text) / 1000
const treeTime = seconds('2015-06-07T08:09:10Z')
const noteTime = seconds('2012-03-04T05:06:07Z')

async function inspect(bytes: Uint8Array) {
  await using directory = await scratch()
  const file = join(directory.path, 'archive')
  await writeFile(file, bytes)
  return await inspectArchive(file)
}

const escapingOf = async (members: readonly Member[]) => (await inspect(await tarOf(members))).escaping

test.each([
  ['tiny.tar.gz', treeTime],
  ['tiny.tar.xz', treeTime],
  ['tiny.tar.bz2', treeTime],
  ['tiny.tar.zst', treeTime],
  ['two-frames.tar.zst', treeTime],
  ['tiny-v7.tar.gz', treeTime],
  ['two-streams.tar.xz', treeTime],
  ['two-streams.tar.bz2', treeTime],
  ['tiny.zip', treeTime],
  ['tiny-xz.deb', 1_500_000_000],
  ['tiny-zstd.deb', 1_500_000_000],
  ['note.gz', noteTime],
  ['note.xz', undefined],
])('reads the newest time in %s from its own headers', async (name, newest) => {
  expect(await inspectArchive(golden(name))).toEqual({ newest, escaping: undefined })
})

test.each([
  ['an empty file', ''],
  ['a text', 'hello\n'],
  ['a text like a magic number', 'BZh is not bzip2, PK is not zip'],
  ['zeros', '\0'.repeat(10_240)],
])('finds no time in %s', async (_name, text) => {
  expect(await inspect(Buffer.from(text))).toEqual({ newest: undefined, escaping: undefined })
})

test('finds no time in a gz file that says it has none', async () => {
  expect(await inspect(gzipSync('text'))).toEqual({ newest: undefined, escaping: undefined })
})

test('cuts the fraction off the time in a pax header', async () => {
  const tar = await tarOf([{ name: 'a', seconds: 1, pax: { mtime: '1234567890.999' } }])
  expect((await inspect(tar)).newest).toBe(1_234_567_890)
})

test('takes the newest of a list that has several archives after each other', async () => {
  const bytes = Buffer.concat([gzipSync(await tarOf([{ name: 'a', seconds: 5 }])), Buffer.alloc(512)])
  expect((await inspect(bytes)).newest).toBe(5)
})

describe('a damaged archive is refused:', () => {
  test.each([
    'tiny.tar.gz',
    'tiny.tar.xz',
    'tiny.tar.bz2',
    'tiny.tar.zst',
    'two-frames.tar.zst',
    'two-streams.tar.xz',
    'two-streams.tar.bz2',
    'tiny.zip',
    'tiny-xz.deb',
  ])('%s cut short', async name => {
    const bytes = await readFile(golden(name))
    for (const length of [bytes.length - 1, bytes.length - 20, Math.floor(bytes.length * 0.7)])
      await expect(inspect(bytes.subarray(0, length)), `${length} bytes`).rejects.toMatchObject({
        code: 'BAD_ARCHIVE',
      })
  })

  test.each(['tiny.tar.gz', 'tiny.tar.xz', 'tiny.tar.bz2'])('%s with a changed byte', async name => {
    const bytes = await readFile(golden(name))
    bytes[Math.floor(bytes.length / 2)]! ^= 0x10
    await expect(inspect(bytes)).rejects.toMatchObject({ code: 'BAD_ARCHIVE' })
  })

  test('a plain tar cut short', async () => {
    const tar = await tarOf([{ name: 'a', body: 'x'.repeat(2000) }])
    await expect(inspect(tar.subarray(0, 1500))).rejects.toMatchObject({ code: 'BAD_ARCHIVE' })
  })
})

test('says that a kind of xz is not known rather than that it is damaged', async () => {
  await expect(inspectArchive(golden('sha256-check.tar.xz'))).rejects.toThrow(
    /its xz data was made with options that are not known here$/,
  )
})

test('says so when the file is not there', async () => {
  await expect(inspectArchive('/nowhere/x.tar')).rejects.toMatchObject({ code: 'CANNOT_READ' })
})

const outside = { name: 'out', type: 'symlink', linkname: '/etc' } as const

describe('a member that leaves the directory is named:', () => {
  test.each<[string, string, readonly Member[]]>([
    ['absolute', '/etc/passwd', [{ name: 'fine' }, { name: '/etc/passwd' }]],
    ['above', '../x', [{ name: '../x' }]],
    ['above later in the name', 'a/../../x', [{ name: 'a/../../x' }]],
    ['through an absolute symlink', 'out/passwd', [outside, { name: 'out/passwd' }]],
    ['a file in place of the symlink', 'out', [outside, { name: 'out' }]],
    [
      'through a relative symlink',
      'd/up/x',
      [{ name: 'd/up', type: 'symlink', linkname: '../..' }, { name: 'd/up/x' }],
    ],
    [
      'through a chain of symlinks',
      'b/x',
      [
        { name: 'b', type: 'symlink', linkname: 'a' },
        { name: 'a', type: 'symlink', linkname: '..' },
        { name: 'b/x' },
      ],
    ],
    [
      'a symlink made through a symlink',
      'out/new',
      [outside, { name: 'out/new', type: 'symlink', linkname: 'x' }],
    ],
    ['a hard link to what is above', 'h', [{ name: 'h', type: 'link', linkname: '../secret' }]],
    ['a hard link through a symlink', 'h', [outside, { name: 'h', type: 'link', linkname: 'out/passwd' }]],
    [
      'through another name of a symlink',
      'h/passwd',
      [outside, { name: 'h', type: 'link', linkname: 'out' }, { name: 'h/passwd' }],
    ],
    [
      'above, if a directory took the place of a symlink',
      'a/../../x',
      [{ name: 'a', type: 'symlink', linkname: 'b/c/d' }, { name: 'a/../../x' }],
    ],
    [
      'through symlinks in a circle',
      'a/x',
      [
        { name: 'a', type: 'symlink', linkname: 'b' },
        { name: 'b', type: 'symlink', linkname: 'a' },
        { name: 'a/x' },
      ],
    ],
    [
      'a symlink that lies behind another',
      'e/l/x',
      [
        { name: 'd', type: 'symlink', linkname: 'e' },
        { name: 'd/l', type: 'symlink', linkname: '../..' },
        { name: 'e/l/x' },
      ],
    ],
  ])('%s', async (_name, escaping, members) => {
    expect(await escapingOf(members)).toBe(escaping)
  })
})

describe('a member that stays inside is fine:', () => {
  test.each<[string, readonly Member[]]>([
    ['plain names', [{ name: './a/b' }, { name: 'a//c' }, { name: 'a/../d' }, { name: '..x/...' }]],
    ['a symlink that points outside but is not used', [outside, { name: 'outer/x' }]],
    [
      'through a symlink that stays inside',
      [
        { name: 'lib', type: 'symlink', linkname: 'usr/lib' },
        { name: 'usr/lib/x' },
        { name: 'lib/y' },
        { name: 'd/up', type: 'symlink', linkname: '..' },
        { name: 'd/up/x' },
        { name: 'd/d/up2', type: 'symlink', linkname: '../..' },
        { name: 'd/d/up2/x' },
      ],
    ],
    [
      'a symlink that takes the place of one',
      [outside, { name: 'out', type: 'symlink', linkname: 'a' }, { name: 'out/x' }],
    ],
    ['a hard link', [{ name: 'a/b' }, { name: 'c', type: 'link', linkname: 'a/b' }]],
    ['a hard link to a symlink', [outside, { name: 'h', type: 'link', linkname: 'out' }]],
  ])('%s', async (_name, members) => {
    expect(await escapingOf(members)).toBeUndefined()
  })
})

test('reads any tree of names, and the newest of its times', async () => {
  const part = fc
    .stringMatching(/^[^/\0]{1,40}$/)
    .filter(text => !['.', '..'].includes(text) && text.isWellFormed())
  const member = fc.record({
    name: fc.array(part, { minLength: 1, maxLength: 6 }).map(parts => parts.join('/')),
    seconds: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    body: fc.string({ maxLength: 2000 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(member, { minLength: 1, maxLength: 10 }), async members => {
      const newest = Math.max(...members.map(each => each.seconds))
      expect(await inspect(await tarOf(members))).toEqual({ newest, escaping: undefined })
    }),
    { numRuns: 60 },
  )
})

test('holds little of a large archive in memory', async () => {
  const block = Buffer.alloc(1 << 20)
  await using directory = await scratch()
  const file = join(directory.path, 'large.tar.gz')
  const header = (await tarOf([{ name: 'large', body: '' }])).subarray(0, 512)
  header.write((512 << 20).toString(8).padStart(11, '0'), 124)
  header.fill(' ', 148, 156)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  const packed = gzipSync(block, { level: 1 })
  await writeFile(
    file,
    Buffer.concat([gzipSync(header), ...Array(512).fill(packed), gzipSync(Buffer.alloc(1024))]),
  )
  const before = process.memoryUsage().rss
  expect((await inspectArchive(file)).newest).toBe(1_000_000_000)
  expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20)
})
