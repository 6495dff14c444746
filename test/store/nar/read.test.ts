import { chmod, lstat, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BadNar, readNar, StoreError, TargetExists, writeNar } from '../../../store/index.js'
import { encodeStrings } from '../../../store/nar/format.js'
import { temporaryDirectory } from '../../support/store.js'
import { goldenTrees } from '../../support/trees.js'

/** An archive in chunks of `size` bytes. */
async function* cut(nar: Uint8Array, size = 1 << 16): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < nar.length; at += size) yield nar.subarray(at, at + size)
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

const golden = (name: string) => readFile(new URL(`../../golden/nar/${name}.nar`, import.meta.url))

test.each(Object.keys(goldenTrees))('readNar() unpacks golden/nar/%s.nar, cut anywhere', async name => {
  await using temporary = await temporaryDirectory()
  const nar = await golden(name)
  for (const size of [1, 7, 4096]) {
    const target = join(temporary.path, `tree${size}`)
    await readNar(cut(nar, size), target)
    expect(await collect(writeNar(target))).toEqual(nar)
  }
})

const magic = 'nix-archive-1'
const regular = ['(', 'type', 'regular', 'contents', 'x', ')']
const entry = (name: string | Uint8Array) => ['entry', '(', 'name', name, 'node', ...regular, ')']
const tree = (...entries: (string | Uint8Array)[][]) => [
  magic,
  '(',
  'type',
  'directory',
  ...entries.flat(),
  ')',
]

describe('readNar() refuses', () => {
  test.each([
    ['nothing', []],
    ['another magic', ['nix-archive-2', ...regular]],
    ['an unknown type', [magic, '(', 'type', 'socket', ')']],
    ['a type that is a property of every object', [magic, '(', 'type', 'constructor', ')']],
    ['names out of order', tree(entry('b'), entry('a'))],
    ['a name twice', tree(entry('a'), entry('a'))],
    ['the name "."', tree(entry('.'))],
    ['the name ".."', tree(entry('..'))],
    ['a name with a slash', tree(entry('a/b'))],
    ['an absolute name', tree(entry('/etc'))],
    ['a name with a NUL', tree(entry('a\0b'))],
    ['an empty name', tree(entry(''))],
    ['a name no file system can hold', tree(entry('x'.repeat(256)))],
    [
      'a marker of an executable that is not empty',
      [magic, '(', 'type', 'regular', 'executable', 'x', 'contents', '', ')'],
    ],
    ['a regular file without contents', [magic, '(', 'type', 'regular', ')']],
    ['an empty symlink', [magic, '(', 'type', 'symlink', 'target', '', ')']],
    ['a symlink with a NUL', [magic, '(', 'type', 'symlink', 'target', 'a\0', ')']],
    ['something after the end', [magic, ...regular, '']],
    [
      'a second node in an entry',
      [
        magic,
        '(',
        'type',
        'directory',
        'entry',
        '(',
        'name',
        'a',
        'node',
        ...regular,
        'node',
        ...regular,
        ')',
        ')',
      ],
    ],
  ])('%s', async (_what, strings) => {
    await using temporary = await temporaryDirectory()
    await expect(readNar(cut(encodeStrings(...strings)), join(temporary.path, 'tree'))).rejects.toThrow(
      BadNar,
    )
    expect(await readdir(temporary.path)).toEqual([])
  })

  test('padding that is not zero', async () => {
    await using temporary = await temporaryDirectory()
    const nar = encodeStrings(magic, ...regular)
    nar[nar.indexOf('x\0\0') + 7] = 1
    await expect(readNar(cut(nar), join(temporary.path, 'tree'))).rejects.toThrow(BadNar)
    expect(await readdir(temporary.path)).toEqual([])
  })

  test('an archive cut short anywhere, and leaves nothing', async () => {
    await using temporary = await temporaryDirectory()
    const nar = await golden('order')
    for (let length = 0; length < nar.length; length += 8) {
      await expect(readNar(cut(nar.subarray(0, length)), join(temporary.path, 'tree'))).rejects.toThrow(
        BadNar,
      )
      expect(await readdir(temporary.path)).toEqual([])
    }
  })

  test('a target that somebody else makes meanwhile, and leaves it alone', async () => {
    await using temporary = await temporaryDirectory()
    const target = join(temporary.path, 'theirs')
    async function* late(bytes: Uint8Array) {
      await mkdir(target)
      await writeFile(join(target, 'file'), 'precious')
      yield bytes
    }
    await expect(readNar(late(Buffer.from('garbage')), target)).rejects.toThrow(BadNar)
    await rm(target, { recursive: true })
    for (const name of ['regular', 'symlink', 'empty-directory']) {
      await expect(readNar(late(await golden(name)), target), name).rejects.toThrow(TargetExists)
      expect(await readFile(join(target, 'file'), 'utf8')).toBe('precious')
      await rm(target, { recursive: true })
    }
  })

  test.each(['regular', 'symlink', 'empty-directory'])(
    'a target that exists, and leaves it alone: %s',
    async name => {
      await using temporary = await temporaryDirectory()
      const target = join(temporary.path, 'mine')
      await writeFile(target, 'precious')
      await expect(readNar(cut(await golden(name)), target)).rejects.toThrow(TargetExists)
      expect(await readFile(target, 'utf8')).toBe('precious')
    },
  )
})

test('readNar() accepts a changed archive only as another tree', async () => {
  await using temporary = await temporaryDirectory()
  const nar = await golden('order')
  let runs = 0
  await fc.assert(
    fc.asyncProperty(fc.nat(nar.length - 1), fc.integer({ min: 1, max: 255 }), async (place, change) => {
      const changed = Buffer.from(nar)
      changed[place]! ^= change
      const target = join(temporary.path, `tree${runs++}`)
      try {
        await readNar(cut(changed), target)
        expect(await collect(writeNar(target))).toEqual(changed)
      } catch (error) {
        expect(error).toBeInstanceOf(StoreError)
        await expect(lstat(target)).rejects.toThrow('ENOENT')
      }
    }),
    { numRuns: 300 },
  )
})

test('readNar() makes holes of zeros', async () => {
  await using temporary = await temporaryDirectory()
  const sparse = join(temporary.path, 'sparse')
  const copy = join(temporary.path, 'copy')
  await writeFile(sparse, Buffer.concat([Buffer.alloc(8 << 20), Buffer.from('end')]))
  await chmod(sparse, 0o755)
  await readNar(writeNar(sparse), copy)
  const { size, blocks, mode } = await stat(copy)
  expect(size).toBe((8 << 20) + 3)
  expect(blocks * 512).toBeLessThan(1 << 20)
  expect(mode & 0o100).toBe(0o100)
  expect((await collect(writeNar(copy))).equals(await collect(writeNar(sparse)))).toBe(true)
})
