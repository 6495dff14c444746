import { lstat, readdir, readFile, readlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { unpackDeb } from '../../../builder/fetch/unpack.js'
import { arOf, filesIn, golden, type Member, scratch, tarOf } from './support.js'

test.each(['tiny-xz.deb', 'tiny-gzip.deb', 'tiny-zstd.deb'])(
  'unpacks %s with its permissions and links',
  async name => {
    await using directory = await scratch()
    const target = join(directory.path, 'out')
    await unpackDeb(golden(name), target)
    const mode = async (path: string): Promise<string> =>
      ((await lstat(join(target, path))).mode & 0o7777).toString(8)
    expect((await readdir(target, { recursive: true })).sort()).toEqual([
      'usr',
      'usr/bin',
      'usr/bin/alias',
      'usr/bin/small',
      'usr/bin/tiny',
      'usr/share',
      'usr/share/doc',
      'usr/share/doc/README',
      'usr/share/doc/outside',
      'usr/share/locked',
    ])
    expect(await readFile(join(target, 'usr/bin/tiny'), 'utf8')).toBe('#!/bin/sh\necho tiny\n')
    expect(await mode('usr/bin/tiny')).toBe('755')
    expect(await mode('usr/share/doc/README')).toBe('440')
    // The directory is 555 in the package; its owner may remove it.
    expect(await mode('usr/share/locked')).toBe('755')
    expect(await readlink(join(target, 'usr/bin/alias'))).toBe('tiny')
    expect(await readlink(join(target, 'usr/share/doc/outside'))).toBe('/etc/outside')
    expect((await lstat(join(target, 'usr/bin/small'))).ino).toBe(
      (await lstat(join(target, 'usr/bin/tiny'))).ino,
    )
  },
)

/** Unpacks a package of these members and tells the error, when nothing is left. */
async function refusal(members: readonly Member[], dataName = 'data.tar.gz') {
  await using directory = await scratch()
  const file = join(directory.path, 'x.deb')
  const data = gzipSync(await tarOf(members))
  await writeFile(
    file,
    arOf([
      { name: 'debian-binary', body: Buffer.from('2.0\n') },
      { name: dataName, body: data },
    ]),
  )
  const error = await unpackDeb(file, join(directory.path, 'out')).catch((caught: unknown) => caught)
  expect(await filesIn(directory.path)).toEqual(['x.deb'])
  return error
}

test.each<[string, readonly Member[], RegExp]>([
  ['a member above', [{ name: 'a' }, { name: '../x' }], /"..\/x" would leave/],
  [
    'a member through a symlink',
    [{ name: 'l', type: 'symlink', linkname: '/tmp' }, { name: 'l/x' }],
    /"l\/x" would leave/,
  ],
  ['a device', [{ name: 'null', type: 'character-device' }], /"null" is a character-device/],
  ['a pipe', [{ name: 'p', type: 'fifo' }], /"p" is a fifo/],
  ['a member twice', [{ name: 'a' }, { name: 'a' }], /"a" contradicts another one/],
  [
    'a hard link to nothing',
    [{ name: 'h', type: 'link', linkname: 'nothing' }],
    /"h" contradicts another one/,
  ],
  ['a file that is also a directory', [{ name: 'a' }, { name: 'a/b' }], /"a\/b" contradicts another one/],
])('refuses %s and leaves nothing', async (_name, members, message) => {
  expect(await refusal(members)).toMatchObject({
    code: 'BAD_ARCHIVE',
    message: expect.stringMatching(message),
  })
})

test('says which compressions it knows', async () => {
  expect(await refusal([], 'data.tar.lz')).toMatchObject({
    code: 'BAD_ARCHIVE',
    message: expect.stringMatching(/"data.tar.lz"; gz, xz, bz2 and zst can be read$/),
  })
})

test('refuses what is not a Debian package', async () => {
  expect(await refusal([], 'other.tar.gz')).toMatchObject({
    message: expect.stringMatching(/not a Debian package/),
  })
  await using directory = await scratch()
  await expect(unpackDeb(golden('tiny.tar.gz'), join(directory.path, 'out'))).rejects.toMatchObject({
    code: 'BAD_ARCHIVE',
  })
})

test('never unpacks into what is there already', async () => {
  await using directory = await scratch()
  await writeFile(join(directory.path, 'precious'), '')
  await expect(unpackDeb(golden('tiny-xz.deb'), directory.path)).rejects.toThrow(/EEXIST/)
  expect(await filesIn(directory.path)).toEqual(['precious'])
})
