import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { expect } from 'vitest'
import {
  collect,
  computeClosure,
  listNamedRoots,
  listValid,
  openStore,
  optimise,
  verify,
} from '../../store/index.js'
import { makeKeeper } from '../../store/keeper.js'
import { anyPath } from './objects.js'
import { keeperProgram, storeOptions, temporaryDirectory } from './store.js'
import { type Talking, talk } from './talk.js'

/** What one process does; it is killed so many milliseconds after the last operation began, or not at all. */
interface Script {
  readonly operations: readonly (readonly [operation: string, n: number])[]
  readonly kill: number | undefined
}

const operation = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.constant('add'), fc.nat(4)) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('build'), fc.nat(4)) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('root'), fc.nat(4)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('unroot'), fc.nat(4)) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('collect'), fc.constant(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('verify'), fc.constant(0)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('optimise'), fc.constant(0)) },
)

const script: fc.Arbitrary<Script> = fc.record({
  operations: fc.array(operation, { minLength: 1, maxLength: 6 }),
  kill: fc.option(fc.nat(60), { nil: undefined }),
})

export interface ModelCounts {
  sequences: number
  operations: number
  kills: number
}

/**
 * Lets 1 to 4 processes do random things to one store, each killed at some moment or not, `runs` times. Afterwards a
 * collection must leave a store in which verification finds nothing, and which has every root that somebody made
 * and nobody removed, with all it keeps, and nothing else.
 */
export async function checkModel(program: string, runs: number): Promise<ModelCounts> {
  const counts: ModelCounts = { sequences: 0, operations: 0, kills: 0 }
  const workers: (Talking | undefined)[] = []
  await using base = await temporaryDirectory()
  await using keeper = makeKeeper(keeperProgram)
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(script, { minLength: 1, maxLength: 4 }), async scripts => {
        const directory = join(base.path, `${counts.sequences++}`)
        mkdirSync(directory)
        const models = await Promise.all(
          scripts.map((script, i) =>
            play(script, i, directory, counts, {
              get: () => (workers[i] ??= talk(program)),
              drop: () => {
                workers[i] = undefined
              },
            }),
          ),
        )
        await expectModel(directory, new Map(models.flatMap(model => [...model])))
        await keeper.remove(directory)
      }),
      { numRuns: runs, endOnFailure: true },
    )
  } finally {
    for (const worker of workers) worker?.child.kill('SIGKILL')
    rmSync(program, { force: true })
  }
  return counts
}

/** Whether each root of one process is there; `undefined` when it was killed in between. */
type Model = Map<string, boolean | undefined>

async function play(
  { operations, kill }: Script,
  i: number,
  directory: string,
  counts: ModelCounts,
  worker: { get(): Talking; drop(): void },
): Promise<Model> {
  const model: Model = new Map()
  for (const [step, [operation, n]] of operations.entries()) {
    counts.operations++
    const isRoot = operation === 'root' || operation === 'unroot'
    const argument = isRoot ? `${i}-${n}` : `${n}`
    const talking = worker.get()
    const answer = talking.ask(`${directory} ${operation} ${argument}`)
    if (kill === undefined || step < operations.length - 1) {
      expect(JSON.parse((await answer)!)).toEqual({ done: operation })
      if (isRoot) model.set(argument, operation === 'root')
      continue
    }
    if (isRoot) model.set(argument, undefined)
    await delay(kill)
    counts.kills++
    talking.child.kill('SIGKILL')
    await talking.ended
    worker.drop()
  }
  return model
}

async function expectModel(directory: string, model: Model): Promise<void> {
  const { signal } = new AbortController()
  const report = () => {}
  await using store = await openStore(storeOptions(directory))
  await collect(store, { keepDerivers: true, keepOutputs: false, signal, report })
  expect(await verify(store, { contents: true, signal, report })).toEqual([])
  const roots = await listNamedRoots(store)
  const names = roots.map(({ name }) => name)
  for (const [name, isThere] of model)
    if (isThere !== undefined) expect(names.includes(name), name).toBe(isThere)
  for (const { name, path } of roots) expect(path).toBe(anyPath(`app-${name.split('-')[1]}`))
  const closure = await computeClosure(
    store,
    roots.map(({ path }) => path),
  )
  expect(closure.map(({ path }) => path).sort()).toEqual(await listValid(store))
  await optimise(store, { signal, report })
  expect(await verify(store, { contents: true, signal, report })).toEqual([])
}
