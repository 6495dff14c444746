/**
 * `node power-worker.js OBJECTS STATE LINKS work SEED`: does everything that changes a store, in random order, and prints
 * each object once it is valid, each root and out-link once it is one. `... check`: prints what a store has after its power was cut.
 */
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import {
  addLink,
  addRoot,
  addTexts,
  collect,
  listLinks,
  listNamedRoots,
  listValid,
  openStore,
  optimise,
  type Store,
  type StorePath,
  verify,
} from '../../store/index.js'
import { add, anyPath, commit } from './objects.js'
import { hashThreadProgram, keeperProgram } from './store.js'
import { directory, file, program, type Tree } from './trees.js'

const [objects = '', state = '', links = '', command = '', seed = ''] = process.argv.slice(2)
const open = (optimises = false) =>
  openStore({ objects, state, keeper: keeperProgram, hashThread: hashThreadProgram, optimises })
const { signal } = new AbortController()
const report = () => {}
const policy = { keepDerivers: true, keepOutputs: false, signal, report }

const tree = (name: string): Tree =>
  directory({
    run: program('#!/bin/sh\n'.repeat(2000)),
    large: file(Buffer.alloc(300_000, name)),
    deep: directory({ name: file(name), common: file('common\n'.repeat(500)) }),
  })

/** Each makes objects, under names of their own. */
const makers: readonly ((store: Store, name: string) => Promise<readonly StorePath[]>)[] = [
  async (store, name) => [(await add(store, name, tree(name))).path],
  async (store, name) => {
    const texts = Array.from({ length: 20 }, (_, i) => anyPath(`${name}-${i}`))
    await addTexts(
      store,
      texts.map((path, i) => ({ path, content: path, references: texts.slice(0, i) })),
    )
    return texts
  },
  async (store, name) => {
    const [lib, app] = [anyPath(`${name}-lib`), anyPath(`${name}-app`)]
    await store.keepAlive([lib, app])
    await commit(store, { [lib]: tree(name) })
    await commit(store, { [app]: directory({ lib: file(lib), run: program('x'.repeat(9999)) }) }, [lib])
    return [lib, app]
  },
]

async function work(): Promise<void> {
  await using store = await open(Number(seed) % 2 === 1)
  for (let i = 0; ; i++) {
    const name = `${seed}-${i}`
    const made = await makers[Math.floor(Math.random() * makers.length)]!(store, name)
    for (const path of made) console.log(`valid ${path}`)
    if (i % 3 === 1) {
      await addRoot(store, `root-${name}`, made.at(-1)!)
      console.log(`root root-${name}`)
    }
    if (i % 3 === 2) {
      await addLink(store, join(links, name), made.at(-1)!)
      console.log(`root ${join(links, name)}`)
    }
    if (i % 4 === 2) {
      // Nothing keeps what this one makes.
      await using other = await open()
      await add(other, `${name}-dead`, tree(`${name}-dead`))
    }
    if (i % 4 === 3) await collect(store, policy)
    if (i % 5 === 4) await optimise(store, { signal, report })
    await delay(0)
  }
}

async function check(): Promise<void> {
  await using store = await open()
  const valid = await listValid(store)
  const linked = (await listLinks(store)).filter(({ path }) => path !== undefined)
  const roots = [...(await listNamedRoots(store)).map(({ name }) => name), ...linked.map(({ link }) => link)]
  const problems = await verify(store, { contents: true, signal, report })
  await collect(store, policy)
  const left = await verify(store, { contents: true, signal, report })
  console.log(JSON.stringify({ valid, roots, problems, left }))
}

await (command === 'work' ? work() : check())
