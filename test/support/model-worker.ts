/** Does what it is told on stdin, `DIRECTORY OPERATION ARGUMENT` a line, and answers each with a line of JSON. */
import { createInterface } from 'node:readline'
import {
  addRoot,
  addTree,
  collect,
  NoSuchRoot,
  openStore,
  optimise,
  RootExists,
  removeRoot,
  type Store,
  type StorePath,
  verify,
} from '../../store/index.js'
import { anyPath, commit } from './objects.js'
import { storeOptions } from './store.js'
import { directory, file, program, writeTree } from './trees.js'

const { signal } = new AbortController()
const report = () => {}

/** Objects have much in common, so that there is something to share. */
const treeOf = (n: number) =>
  directory({
    run: program('#!/bin/sh\n'.repeat(40)),
    number: file(`${n}`),
    deep: directory({ a: file(`common ${n % 2}`) }),
  })

async function add(store: Store, n: number): Promise<StorePath> {
  await using stage = await store.stage()
  writeTree(`${stage.directory}/tree`, treeOf(n))
  return (await addTree(store, `tree-${n}`, `${stage.directory}/tree`)).path
}

/** An output, and another that it refers to, which refers to an added tree. */
async function build(store: Store, n: number): Promise<StorePath> {
  const [lib, app] = [anyPath(`lib-${n}`), anyPath(`app-${n}`)]
  await store.keepAlive([lib, app])
  const tree = await add(store, n)
  await commit(store, { [lib]: directory({ text: file(tree) }) }, [tree])
  await commit(
    store,
    { [app]: directory({ text: file(lib), run: program('#!/bin/sh\n'.repeat(40)) }) },
    [lib],
    anyPath(`${n}.drv`),
  )
  return app
}

/** The root's name tells what it keeps. */
async function root(store: Store, name: string): Promise<void> {
  const path = await build(store, Number(name.split('-')[1]))
  await addRoot(store, name, path).catch(error => {
    if (!(error instanceof RootExists)) throw error
  })
}

const operations: Readonly<Record<string, (store: Store, argument: string) => Promise<unknown>>> = {
  add: (store, n) => add(store, Number(n)),
  build: (store, n) => build(store, Number(n)),
  root,
  unroot: (store, name) =>
    removeRoot(store, name).catch(error => {
      if (!(error instanceof NoSuchRoot)) throw error
    }),
  collect: store => collect(store, { keepDerivers: true, keepOutputs: false, signal, report }),
  verify: store => verify(store, { contents: true, signal, report }),
  optimise: store => optimise(store, { signal, report }),
}

for await (const line of createInterface(process.stdin)) {
  const [base = '', operation = '', argument = ''] = line.split(' ')
  try {
    await using store = await openStore(storeOptions(base))
    await operations[operation]!(store, argument)
    console.log(JSON.stringify({ done: operation }))
  } catch (error) {
    console.log(JSON.stringify({ error: error instanceof Error ? error.stack : String(error) }))
  }
}
