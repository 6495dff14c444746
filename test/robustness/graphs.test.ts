import { expect, inject, test } from 'vitest'
import { openStore } from '../../store/index.js'
import { type Ran, temporaryRoot } from '../support/command.js'
import { expectSound } from '../support/crashes.js'
import { writeChain, writeGraph } from '../support/graph.js'
import { runPatiently } from '../support/pair.js'
import { storeOptions } from '../support/store.js'

/** The names of what a command built itself. */
const builtBy = ({ stderr }: Ran): readonly string[] =>
  [...stderr.matchAll(/^built (\S+) in/gm)].map(match => match[1]!)

test('two commands with graphs that overlap in part build each derivation exactly once', async () => {
  await using root = await temporaryRoot(inject('seeded'))
  const build = async (name: string): Promise<readonly string[]> => {
    const file = await writeGraph(
      root.path,
      name,
      [
        { name: 'common', count: 25 },
        { name: `only-${name}`, count: 25 },
      ],
      0.2,
    )
    const ran = await runPatiently(root.path, ['build', '-j2', file])
    expect(ran.status, ran.stderr).toBe(0)
    return builtBy(ran)
  }
  const built = await Promise.all([build('a'), build('b')])
  const names = ['common', 'only-a', 'only-b'].flatMap(name =>
    Array.from({ length: 25 }, (_, i) => `${name}-${i}-1`),
  )
  expect(built.flat().toSorted()).toEqual([...names, 'a-1', 'b-1'].toSorted())
  await using store = await openStore(storeOptions(root.path))
  await expectSound(store)
})

test('a graph of 5,000 derivations is planned and written', async () => {
  await using root = await temporaryRoot(inject('seeded'))
  const file = await writeGraph(root.path, 'big', [{ name: 'one', count: 5000 }])
  const planned = await runPatiently(root.path, ['build', '--dry-run', file])
  expect(planned.stdout.match(/^build one-/gm)).toHaveLength(5000)
  const written = await runPatiently(root.path, ['build', '--derivation', file])
  expect(written.status, written.stderr).toBe(0)
  expect(await runPatiently(root.path, ['info', written.stdout.trim()])).toMatchObject({ status: 0 })
})

test('a chain of 5,000 derivations is planned and written, as others are', async () => {
  await using root = await temporaryRoot(inject('seeded'))
  const file = await writeChain(root.path, 5000)
  const planned = await runPatiently(root.path, ['build', '--dry-run', file])
  const steps = [...planned.stdout.matchAll(/^build link-(\d+)-/gm)].map(match => Number(match[1]))
  expect(steps, planned.stderr).toEqual(Array.from({ length: 5000 }, (_, i) => i))
  const written = await runPatiently(root.path, ['build', '--derivation', file])
  expect(written.status, written.stderr).toBe(0)
  const path = written.stdout.trim()
  const closure = await runPatiently(root.path, ['closure', path])
  expect(closure.stdout.match(/-link-\d+-1\.drv$/gm), closure.stderr).toHaveLength(5000)
})
