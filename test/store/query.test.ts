import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  AmbiguousPath,
  addTexts,
  BadStorePath,
  computeClosure,
  filterValid,
  formatStorePath,
  NoSuchObject,
  parseStorePath,
  readInfo,
  resolvePath,
  type StorePath,
} from '../../store/index.js'
import { anyPath } from '../support/objects.js'
import { temporaryStore } from '../support/store.js'

const text = (path: StorePath, ...references: StorePath[]) => ({ path, content: path, references })
const paths = async (infos: ReturnType<typeof computeClosure>) => (await infos).map(({ path }) => path)

test('computeClosure() lists each object once, after what it refers to', async () => {
  await using store = await temporaryStore()
  const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map(anyPath) as [
    StorePath,
    StorePath,
    StorePath,
    StorePath,
    StorePath,
  ]
  await addTexts(store, [text(a, b, c), text(b, d, b), text(c, d), text(d), text(e)])
  const closure = await paths(computeClosure(store, [a]))
  expect(closure.toSorted()).toEqual([a, b, c, d].sort())
  for (const [before, after] of [
    [d, b],
    [d, c],
    [b, a],
    [c, a],
  ] as const)
    expect(closure.indexOf(before)).toBeLessThan(closure.indexOf(after))
  expect(await paths(computeClosure(store, []))).toEqual([])
  await expect(computeClosure(store, [anyPath('absent')])).rejects.toThrow(NoSuchObject)
})

test('computeClosure() follows a chain longer than the call stack', async () => {
  await using store = await temporaryStore()
  const chain = Array.from({ length: 12_000 }, (_, i) => anyPath(`link${i}`))
  const info = (path: StorePath, i: number) => ({
    path,
    narHash: { algorithm: 'blake3' as const, hex: '00'.repeat(32) },
    narSize: 0,
    references: chain.slice(i + 1, i + 2),
    deriver: undefined,
    registered: 0,
    provenance: undefined,
    signatures: [],
  })
  await store.database.change(async () => ({ add: chain.map(info) }))
  expect(await paths(computeClosure(store, [chain[0]!]))).toEqual(chain.toReversed())
}, 30_000)

test('readInfo() and filterValid() tell what is there', async () => {
  await using store = await temporaryStore()
  const [a, absent] = [anyPath('a'), anyPath('absent')]
  await addTexts(store, [text(a)])
  expect((await readInfo(store, a)).path).toBe(a)
  await expect(readInfo(store, absent)).rejects.toThrow(`No object "${formatStorePath(absent)}"`)
  expect(await filterValid(store, [a, absent, a])).toEqual(new Set([a]))
})

test('resolvePath() takes every way to name an object', async () => {
  await using store = await temporaryStore()
  const a = anyPath('a')
  await addTexts(store, [text(a)])
  for (const name of [
    a,
    formatStorePath(a),
    `${formatStorePath(a)}/bin/sh`,
    join(store.objects, a),
    a.slice(0, 4),
    a.slice(0, 32),
  ])
    expect(await resolvePath(store, name), name).toBe(a)
})

test('resolvePath() refuses what is unknown, or not unambiguous', async () => {
  await using store = await temporaryStore()
  const twins = ['a', 'b'].map(end => parseStorePath(`${'0'.repeat(31)}${end}-x`))
  await addTexts(
    store,
    twins.map(path => text(path)),
  )
  await expect(resolvePath(store, '00000')).rejects.toThrow(AmbiguousPath)
  await expect(resolvePath(store, '00000')).rejects.toThrow(twins.map(formatStorePath).join(', '))
  await expect(resolvePath(store, '1111')).rejects.toThrow(NoSuchObject)
  await expect(resolvePath(store, anyPath('absent'))).rejects.toThrow(NoSuchObject)
  for (const bad of ['', '000', 'hello', '/usr/bin/env', '../x'])
    await expect(resolvePath(store, bad), bad).rejects.toThrow(BadStorePath)
})
