import { expect, test } from 'vitest'
import { searchPackages } from '../../../builder/lower/search.js'
import type { EmittedPackage } from '../../../builder/recipe/index.js'

const known = [
  ['zlib', 'Library for compression', 'deflate, as in gzip'],
  ['gzip', 'Compression of files', ''],
  ['gzip-tests', 'Tests of a program', ''],
  ['hello', 'A greeting', ''],
].map(
  ([name, synopsis, description]) =>
    ({ name, outputs: ['out'], meta: { synopsis, description } }) as unknown as EmittedPackage,
)

const search = (...words: string[]) => searchPackages(known, words).map(({ name }) => name)

test('searchPackages puts the package of that name first, then names that begin so, then mentions', () => {
  expect(search('gzip')).toEqual(['gzip', 'gzip-tests', 'zlib'])
})

test('searchPackages wants every word, in any place and case', () => {
  expect(search('COMPRESSION', 'deflate')).toEqual(['zlib'])
  expect(search('compression', 'greeting')).toEqual([])
})
