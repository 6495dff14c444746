import { execFileSync } from 'node:child_process'
import { readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hashTree, UnsupportedFile, writeNar } from '../../../store/index.js'
import { temporaryDirectory } from '../../support/store.js'
import { directory, goldenTrees, symlink, writeTree } from '../../support/trees.js'

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

test.each(Object.entries(goldenTrees))('writeNar() writes golden/nar/%s.nar', async (name, tree) => {
  await using temporary = await temporaryDirectory()
  const path = join(temporary.path, 'tree')
  writeTree(path, tree)
  const golden = await readFile(new URL(`../../golden/nar/${name}.nar`, import.meta.url))
  expect(await collect(writeNar(path))).toEqual(golden)
})

test('writeNar() refuses a FIFO by name', async () => {
  await using temporary = await temporaryDirectory()
  execFileSync('mkfifo', [join(temporary.path, 'pipe')])
  await expect(collect(writeNar(temporary.path))).rejects.toThrow(UnsupportedFile)
  await expect(collect(writeNar(temporary.path))).rejects.toThrow('pipe": it is a FIFO')
})

test('writeNar() takes a symlink to a directory for a symlink', async () => {
  await using temporary = await temporaryDirectory()
  const path = join(temporary.path, 'tree')
  writeTree(path, symlink('.'))
  expect((await collect(writeNar(path))).includes('symlink')).toBe(true)
})

test('writeNar() writes more small entries than one chunk holds', async () => {
  await using temporary = await temporaryDirectory()
  const path = join(temporary.path, 'tree')
  const target = 'x'.repeat(4000)
  writeTree(
    path,
    directory(Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`link${i}`, symlink(target)]))),
  )
  expect((await collect(writeNar(path))).length).toBeGreaterThan(2_000_000)
})

test('hashTree() of a sparse file takes constant memory', async () => {
  await using temporary = await temporaryDirectory()
  const path = join(temporary.path, 'sparse')
  await writeFile(path, '')
  await truncate(path, 256 << 20)
  const before = process.memoryUsage().rss
  const { narSize } = await hashTree(path)
  expect(narSize).toBe((256 << 20) + 112)
  expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20)
})
