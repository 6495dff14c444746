import { expect, inject, test } from 'vitest'
import { openStore } from '../../store/index.js'
import { type Ran, temporaryRoot } from '../support/command.js'
import { expectSound } from '../support/crashes.js'
import { writeGraph } from '../support/graph.js'
import { runPatiently } from '../support/pair.js'
import { storeOptions } from '../support/store.js'

/** The names of what a command built itself. */
const builtBy = ({ stderr }: Ran): readonly string[] =>
  [...stderr.matchAll(/^built (\S+) in/gm)].map(match => match[1]!)

const timed = async <T>(work: () => Promise<T>): Promise<readonly [T, number]> => {
  const start = performance.now()
  const result = await work()
  return [result, performance.now() - start]
}

test('two commands with graphs that overlap build each derivation once, as fast as one command', async () => {
  await using root = await temporaryRoot(inject('seeded'))
  const build = async (file: string): Promise<Ran> => {
    const ran = await runPatiently(root.path, ['build', '-j2', file])
    expect(ran.status, ran.stderr).toBe(0)
    return ran
  }
  const whole = await writeGraph(root.path, 'one', [0, 75], 0.2)
  const [first, second] = [
    await writeGraph(root.path, 'two', [0, 50], 0.2),
    await writeGraph(root.path, 'two', [0, 75], 0.2),
  ]
  const [, alone] = await timed(() => build(whole))
  const [both, together] = await timed(() => Promise.all([build(first), build(second)]))
  const built = both.flatMap(builtBy)
  expect(built.length).toBe(77)
  expect(new Set(built).size).toBe(77)
  console.log(`75 builds: ${alone.toFixed(0)} ms by one command, ${together.toFixed(0)} ms by two`)
  expect(together).toBeLessThan(1.5 * alone)
  await using store = await openStore(storeOptions(root.path))
  await expectSound(store)
})

test('a graph of 5,000 derivations is planned and written', async () => {
  await using root = await temporaryRoot(inject('seeded'))
  const file = await writeGraph(root.path, 'big', [4990, 5000])
  const planned = await runPatiently(root.path, ['build', '--dry-run', file])
  expect(planned.stdout.match(/^build big-/gm)).toHaveLength(5001)
  const [written, time] = await timed(() => runPatiently(root.path, ['build', '--derivation', file]))
  expect(written.status, written.stderr).toBe(0)
  console.log(`5,001 derivations written in ${(time / 1000).toFixed(1)} s`)
  expect(await runPatiently(root.path, ['info', written.stdout.trim()])).toMatchObject({ status: 0 })
})
