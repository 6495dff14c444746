/** A process of its own that works on a store: `node adder.js DIRECTORY COMMAND [SEED]`. Prints what it has done. */
import { mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import {
  addTexts,
  addTree,
  collect,
  computeClosure,
  deleteObjects,
  hashTree,
  listValid,
  openStore,
  removeGarbage,
  systemCode,
} from '../../store/index.js'
import { anyPath } from './objects.js'
import { storeOptions } from './store.js'
import { directory, file, program, symlink, writeTree } from './trees.js'

const [base = '', command = '', seed = '0'] = process.argv.slice(2)
const store = await openStore(storeOptions(base))
const sources = mkdtempSync(join(base, 'sources-'))
process.on('exit', () => rmSync(sources, { recursive: true }))

const tree = (text: string) =>
  directory({
    bin: directory({ run: program(text.repeat(50)) }),
    share: directory({ a: file(text), deep: directory({ er: directory({ link: symlink('../..') }) }) }),
  })

async function add(text: string): Promise<void> {
  const source = join(sources, text)
  writeTree(source, tree(text))
  console.log((await addTree(store, `tree-${text}`, source)).path)
}

const commands: Readonly<Record<string, () => Promise<void>>> = {
  /** Adds until it is killed. */
  add: async () => {
    for (let i = 0; ; i++) {
      if (i % 3 === 2) {
        const paths = Array.from({ length: 20 }, (_, n) => anyPath(`text-${seed}-${i}-${n}`))
        await addTexts(
          store,
          paths.map((path, n) => ({ path, content: path, references: paths.slice(0, n) })),
        )
        console.log(paths.at(-1))
      } else await add(`${seed}-${i}`)
    }
  },
  /** Adds what every other adder does, too. */
  same: async () => {
    for (let i = 0; i < 10; i++) await add(`same-${i}`)
  },
  once: () => add(seed),
  /** Adds an object that takes 20 MB. */
  large: async () => {
    writeTree(join(sources, 'large'), file(Buffer.alloc(20 << 20, seed)))
    console.log((await addTree(store, 'large', join(sources, 'large'))).path)
  },
  hold: async () => {
    await using _lock = await store.lock(anyPath('held'))
    console.log('held')
    await delay(60_000)
  },
  /** Uses the database without a pause. */
  query: async () => {
    console.log('ready')
    for (;;) await listValid(store)
  },
  /**
   * Adds what others add, too, and uses it while the store is open; again and again. All of it must stay, whatever is
   * collected beside it.
   */
  use: async () => {
    for (let i = 0; ; i++) {
      await using own = await openStore(storeOptions(base))
      const source = join(sources, `${i}`)
      writeTree(source, tree(`used-${i % 3}`))
      const { path } = await addTree(own, `used-${i % 3}`, source)
      const text = anyPath(`text-${i % 3}`)
      await addTexts(own, [{ path: text, content: path, references: [path] }])
      await delay(Math.random() * 30)
      for (const { path, narHash } of await computeClosure(own, [text])) {
        const { hex } = (await hashTree(own.locate(path))).narHash
        if (hex !== narHash.hex) throw new Error(`${path} has changed`)
      }
      rmSync(source, { recursive: true })
      console.log(text)
    }
  },
  /** Fills the disk to the last byte with an object and something else, then collects. */
  fill: async () => {
    {
      await using own = await openStore(storeOptions(base))
      writeTree(join(sources, 'some'), file(Buffer.alloc(1 << 20, 'some')))
      await addTree(own, 'some', join(sources, 'some'))
    }
    const fill = openSync(join(base, 'fill'), 'w')
    for (const size of [1 << 16, 1])
      try {
        for (;;) writeSync(fill, Buffer.alloc(size))
      } catch (error) {
        console.log(systemCode(error))
      }
    const { signal } = new AbortController()
    const options = { keepDerivers: false, keepOutputs: false, signal, report: () => {} }
    console.log((await collect(store, options)).objects)
  },
  /** Collects until it is killed. */
  collect: async () => {
    for (let deleted = 0; ; ) {
      const { signal } = new AbortController()
      const options = { keepDerivers: false, keepOutputs: false, signal, report: () => {} }
      deleted += (await collect(store, options)).objects
      console.log(deleted)
    }
  },
  clean: async () => {
    await deleteObjects(store, await listValid(store))
    console.log((await removeGarbage(store)).length)
  },
}

await commands[command]!()
await store[Symbol.asyncDispose]()
