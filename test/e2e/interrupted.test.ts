import { utimesSync } from 'node:fs'
import { readdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, inject, test } from 'vitest'
import {
  addRoot,
  hashTree,
  listValid,
  openStore,
  type StorePath,
  verify,
  writeNar,
} from '../../store/index.js'
import { recipeFile } from '../support/cloned.js'
import { runStore, temporaryRoot } from '../support/command.js'
import { expectSound } from '../support/crashes.js'
import { expectNoMount, expectNoProcess } from '../support/leftovers.js'
import { anyPath } from '../support/objects.js'
import { writePair } from '../support/pair.js'
import { scriptRecipe } from '../support/recipes.js'
import { aRecord, register } from '../support/records.js'
import { storeOptions, temporaryDirectory } from '../support/store.js'

const LIVE = 100
/** Two collections are cut short after their first batch or two, of a thousand objects each. */
const DEAD = 5000

/** Empty objects: a chain that a root keeps, and chains of ten that refer to it and that nothing keeps. */
async function fill(path: string): Promise<ReadonlySet<StorePath>> {
  await using store = await openStore(storeOptions(path))
  const live = Array.from({ length: LIVE }, (_, i) =>
    aRecord(anyPath(`live-${i}`), i === 0 ? [] : [anyPath(`live-${i - 1}`)]),
  )
  const dead = Array.from({ length: DEAD }, (_, i) =>
    aRecord(anyPath(`dead-${i}`), [
      live[i % LIVE]!.path,
      ...(i % 10 === 0 ? [] : [anyPath(`dead-${i - 1}`)]),
    ]),
  )
  await register(store, [...live, ...dead])
  for (const { path } of [...live, ...dead]) utimesSync(store.locate(path), 1, 1)
  const { narHash, narSize } = await hashTree(store.locate(live[0]!.path))
  await store.database.change(async () => ({
    add: [...live, ...dead].map(info => ({ ...info, narHash, narSize })),
  }))
  await addRoot(store, 'live', live.at(-1)!.path)
  return new Set(live.map(({ path }) => path))
}

/** What a killed command leaves, which a collection sets right. */
const leftovers = ['garbage', 'metadata']

test('collections that are interrupted or killed lose nothing, and the next goes on', async () => {
  await using root = await temporaryRoot()
  const live = await fill(root.path)
  const onDisk = async () => (await readdir(join(root.path, 'store'))).length
  const begun = async () => !(await readdir(join(root.path, 'var'))).includes('reserve')

  /** Runs a collection and sends it `signal` once it has begun and has deleted something, if it `deletes`. */
  const cut = async (signal: NodeJS.Signals, deletes: boolean) => {
    const before = await onDisk()
    const isDue = async () => (await begun()) && (!deletes || (await onDisk()) < before)
    let isOver = false
    const ran = await runStore(root.path, ['gc'], {
      onStart: async child => {
        child.on('exit', () => {
          isOver = true
        })
        while (!isOver && !(await isDue())) await delay(10)
        child.kill(signal)
      },
    })
    const what = `${signal} ${deletes ? 'while deleting' : 'at the beginning'}`
    if (signal === 'SIGKILL') expect(ran.signal, what).toBe(signal)
    else expect(ran, what).toMatchObject({ status: 130, stderr: expect.stringContaining('INTERRUPTED') })
    await using store = await openStore(storeOptions(root.path))
    const valid = new Set(await listValid(store))
    expect(
      [...live].filter(path => !valid.has(path)),
      what,
    ).toEqual([])
    const options = { contents: true, signal: new AbortController().signal, report: () => {} }
    const kinds = (await verify(store, options)).map(({ kind }) => kind)
    expect(kinds.filter(kind => signal !== 'SIGKILL' || !leftovers.includes(kind))).toEqual([])
    return valid.size
  }

  const sizes: number[] = []
  for (const deletes of [false, true])
    for (const signal of ['SIGINT', 'SIGKILL'] as const) sizes.push(await cut(signal, deletes))
  // What was deleted before an interruption stays so.
  expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
  expect(sizes[0]).toBe(LIVE + DEAD)
  expect(sizes.at(-1)).toBeGreaterThan(LIVE)

  const last = await runStore(root.path, ['gc'])
  expect(last, last.stderr).toMatchObject({ status: 0 })
  expect(last.stdout).toMatch(new RegExp(`^deleted ${sizes.at(-1)! - LIVE} objects`))
  await using store = await openStore(storeOptions(root.path))
  expect(new Set(await listValid(store))).toEqual(live)
  await expectSound(store)
  expect(await begun()).toBe(false)
})

/** The archive of a regular file with this content. */
async function narOf(content: string): Promise<Buffer> {
  await using directory = await temporaryDirectory()
  const file = join(directory.path, 'file')
  await writeFile(file, content)
  const chunks: Uint8Array[] = []
  for await (const chunk of writeNar(file)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

test('^C ends what reads or copies for long, which leaves nothing half made', async () => {
  await using root = await temporaryRoot()
  const big = join(root.path, 'big')
  // Holes only: it takes no space, and long.
  await writeFile(big, '')
  await truncate(big, 2 ** 36)
  const nar = join(root.path, 'nar')
  await writeFile(nar, (await narOf('a file')).subarray(0, -16))
  const empty = join(root.path, 'empty')
  await writeFile(empty, '')
  // A pipe that this process itself could still write to does not end.
  const unending = 'mkfifo "$0.pipe"; exec <> "$0.pipe"; cat "$0" >&0; exec "$@"'
  const cases: readonly (readonly [args: readonly string[], within: readonly string[]])[] = [
    [['add', big], []],
    [['hash', big], []],
    [['hash', '--nar', big], []],
    [
      ['dump', big],
      ['sh', '-c', 'exec "$0" "$@" > /dev/null'],
    ],
    [
      ['restore', join(root.path, 'out')],
      ['sh', '-c', unending, nar],
    ],
    [['import'], ['sh', '-c', unending, empty]],
  ]
  for (const [args, within] of cases) {
    const ran = await runStore(root.path, args, {
      within,
      onStart: child => void setTimeout(() => child.kill('SIGINT'), 1500),
    })
    expect(ran, args.join(' ')).toMatchObject({
      status: 130,
      stdout: '',
      stderr: expect.stringContaining('INTERRUPTED'),
    })
  }
  expect(await readdir(join(root.path, 'store/.staging')).catch(() => [])).toEqual([])
  expect(await readdir(root.path)).not.toContain('out')
})

test('^C twice ends a build at once, and the next command cleans up what it left', async () => {
  await using root = await temporaryRoot(inject('seeded'))
  const seconds = '70042001'
  // To remove so many files takes longer than an impatient user waits.
  const many = 'for i in 1 2; do mkdir $i; (cd $i; touch $(seq 10000)); done'
  const file = join(root.path, 'it.ts')
  await writeFile(file, scriptRecipe(`${many}; echo filled; sleep ${seconds}`))
  const ran = await runStore(root.path, ['build', file, '--print-build-logs'], {
    onStart: child =>
      child.stderr!.on('data', async text => {
        if (!String(text).includes('> filled')) return
        child.kill('SIGINT')
        await delay(30)
        child.kill('SIGINT')
      }),
  })
  expect(ran).toMatchObject({ status: 130, stderr: expect.not.stringContaining('INTERRUPTED') })
  await expectNoProcess(seconds)
  await expectNoMount(root.path)
  expect(await runStore(root.path, ['build', await writePair(root.path, 'next')])).toMatchObject({
    status: 0,
  })
  expect(await readdir(join(root.path, 'store/.staging'))).toEqual([])
  await using store = await openStore(storeOptions(root.path))
  await expectSound(store)
})

test('a build goes on when nobody reads what it tells', async () => {
  await using root = await temporaryRoot(inject('seeded'))
  await writeFile(
    join(root.path, 'it.ts'),
    recipeFile("export const it = make('it', sh`sleep 1; echo made > $out`)"),
  )
  const ran = await runStore(root.path, ['build', './it.ts'], { onStart: child => child.stderr!.destroy() })
  expect(ran).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\/store\/\S+-it-1\n$/) })
})
