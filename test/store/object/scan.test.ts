import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  base32Alphabet,
  findOccurrences,
  formatStorePath,
  hashPart,
  hashTree,
  scanTree,
} from '../../../store/index.js'
import { makeScanner } from '../../../store/object/scanner.js'
import { anyPath } from '../../support/objects.js'
import { temporaryDirectory } from '../../support/store.js'
import { directory, file, symlink, type Tree, writeTree } from '../../support/trees.js'

const [libc, zlib, absent] = [anyPath('libc'), anyPath('zlib'), anyPath('absent')]

async function scan(tree: Tree) {
  await using temporary = await temporaryDirectory()
  const path = join(temporary.path, 'tree')
  writeTree(path, tree)
  return { ...(await scanTree(path, [libc, zlib])), hash: await hashTree(path) }
}

describe('scanTree()', () => {
  test.each([
    ['in a file', file(`x${formatStorePath(libc)}/lib`)],
    [
      'between bytes that are not text',
      file(Buffer.concat([Buffer.from([0xff]), Buffer.from(hashPart(libc)), Buffer.alloc(1)])),
    ],
    ['after more characters of base 32', file(`aaaaaaa${hashPart(libc)}`)],
    ['before more characters of base 32', file(`${hashPart(libc)}aaaaaaa`)],
    ['in the name of a file', directory({ [libc]: file('') })],
    ['in the target of a symlink', symlink(formatStorePath(libc))],
  ])('finds a reference %s', async (_where, tree) => {
    expect((await scan(tree)).references).toEqual([libc])
  })

  test('hashes what it reads', async () => {
    const { narHash, narSize, hash } = await scan(directory({ a: file('b') }))
    expect({ narHash, narSize }).toEqual(hash)
  })

  test('returns the references sorted, each once', async () => {
    const { references } = await scan(directory({ a: file(zlib + libc), b: file(zlib) }))
    expect(references).toEqual([libc, zlib].sort())
  })

  test('does not put a reference together from two files', async () => {
    const half = libc.slice(0, 16)
    const { references } = await scan(
      directory({ a: file(half), b: file(libc.slice(16, 32)), [half]: file('') }),
    )
    expect(references).toEqual([])
  })

  test('reports store paths that are not possible', async () => {
    const { references, unknown } = await scan(
      file(`${formatStorePath(absent)}/bin ${formatStorePath(libc)}`),
    )
    expect({ references, unknown }).toEqual({ references: [libc], unknown: [hashPart(absent)] })
  })

  test('takes a hash alone, or under another directory, for nothing', async () => {
    expect(
      (await scan(file(`${hashPart(absent)} /nix/store/x/${absent} /store/${hashPart(absent)}.`))).unknown,
    ).toEqual([])
  })
})

const base32 = fc.string({ unit: fc.constantFrom(...base32Alphabet), minLength: 32, maxLength: 32 })

test('makeScanner() finds the same as a search for each, however the bytes are cut', () => {
  const noise = fc.string({ unit: fc.constantFrom(...'0az-/. '), maxLength: 50 })
  const parts = fc.array(
    fc.oneof(
      noise,
      base32,
      base32.map(hash => `/store/${hash}-x`),
    ),
    { maxLength: 8 },
  )
  fc.assert(
    fc.property(
      parts,
      fc.array(base32, { maxLength: 3 }),
      fc.integer({ min: 1, max: 100 }),
      (texts, others, size) => {
        const bytes = Buffer.from(texts.join(''))
        const sought = [...texts.filter(text => text.length === 32), ...others]
        const scanner = makeScanner(sought)
        for (let at = 0; at < bytes.length; at += size) scanner.update(bytes.subarray(at, at + size))
        const expected = sought.filter(text => bytes.includes(text))
        expect([...scanner.found].sort()).toEqual([...new Set(expected)].sort())
        const named = [...bytes.toString().matchAll(/(?<=\/store\/)[0-9a-df-np-sv-z]{32}(?=-)/g)].map(
          ([text]) => text,
        )
        expect([...scanner.unknown].sort()).toEqual(
          [...new Set(named)].filter(text => !sought.includes(text)).sort(),
        )
      },
    ),
    { numRuns: 500 },
  )
})

test('findOccurrences() tells file and offset, also past the first piece', async () => {
  await using temporary = await temporaryDirectory()
  const path = join(temporary.path, 'tree')
  const far = (1 << 20) - 10
  writeTree(
    path,
    directory({
      bin: directory({ far: file(`${' '.repeat(far)}${zlib}/`) }),
      link: symlink(formatStorePath(libc)),
    }),
  )
  expect(await findOccurrences(path, [libc, zlib, absent].map(hashPart))).toEqual([
    { hashPart: hashPart(zlib), base: zlib, file: 'bin/far', where: 'contents', offset: far },
    { hashPart: hashPart(libc), base: libc, file: 'link', where: 'target', offset: 7 },
  ])
})
