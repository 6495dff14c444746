import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Level } from 'level'
import { expect, test } from 'vitest'
import {
  addLink,
  addRoot,
  deleteObjects,
  hashTree,
  listReferrers,
  repair,
  type Store,
  type VerifyProgress,
  verify,
} from '../../../store/index.js'
import { inspectTree } from '../../../store/verify/inspect.js'
import { add, anyPath, commit } from '../../support/objects.js'
import { temporaryDirectory, temporaryStore } from '../../support/store.js'
import { directory, file, goldenTrees, symlink as link, program, writeTree } from '../../support/trees.js'

const [lib, app] = [anyPath('lib'), anyPath('app')]

async function filled(): Promise<Awaited<ReturnType<typeof temporaryStore>>> {
  const store = await temporaryStore()
  await commit(store, {
    [lib]: directory({
      bin: directory({ run: program('run') }),
      text: file('some text'),
      link: link('text'),
    }),
  })
  await commit(store, { [app]: file(lib) }, [lib], anyPath('app.drv'))
  return store
}

/** What is found, in short. */
const find = async (store: Store, contents = false): Promise<string[]> => {
  const options = { contents, signal: new AbortController().signal, report: () => {} }
  return (await verify(store, options)).map(({ kind, path, detail }) => `${kind} ${path}: ${detail}`)
}

const mend = async (store: Store): Promise<string[]> => {
  const options = { contents: false, signal: new AbortController().signal, report: () => {} }
  await repair(store, await verify(store, options))
  return find(store)
}

test('verify() finds nothing wrong with a sound store', async () => {
  await using store = await filled()
  await add(store, 'x', directory({ a: file('a') }))
  expect(await find(store, true)).toEqual([])
})

test.each<[damage: string, script: string, found: string, isDeep: boolean]>([
  ['a missing object', 'chmod -R u+w $1; rm -r $1', 'missing /store/LIB: its files are not there', false],
  ['a missing file', 'chmod u+w $1; rm $1/text', 'altered /store/LIB: it has', false],
  ['an extra file', 'chmod u+w $1; touch $1/more; chmod u-w $1', 'altered /store/LIB: it has', false],
  [
    'a truncated file',
    'chmod u+w $1/text; : > $1/text; chmod u-w $1/text',
    'altered /store/LIB: it has',
    false,
  ],
  ['a program that is none any more', 'chmod 0444 $1/bin/run', 'altered /store/LIB: it has', false],
  ['another mode', 'chmod 0755 $1/bin/run', 'metadata /store/LIB: bin/run: its mode is 0755', false],
  ['a setuid bit', 'chmod 4555 $1/bin/run', 'metadata /store/LIB: bin/run: its mode is 4555', false],
  ['another time', 'touch $1/text', 'metadata /store/LIB: text: its time is not that of objects', false],
  [
    'other bytes of the same size',
    'chmod u+w $1/text; printf "SOME TEXT" > $1/text; chmod 0444 $1/text; touch -d @1 $1/text',
    'altered /store/LIB: its contents are not those that were registered',
    true,
  ],
])('verify() finds %s', async (_damage, script, found, isDeep) => {
  await using store = await filled()
  execFileSync('sh', ['-ec', script, 'sh', store.locate(lib)])
  const [first, ...more] = await find(store, isDeep)
  expect(first).toContain(found.replace('LIB', lib))
  expect(more).toEqual([])
})

test('verify() hashes objects beside each other, and finds each that is altered or cannot be read', async () => {
  await using store = await temporaryStore()
  const names = Array.from({ length: 24 }, (_, i) => `n${i}`)
  // Of very different sizes, so that they are done in another order than they were begun.
  for (const [i, name] of names.entries())
    await commit(store, { [anyPath(name)]: file(Buffer.alloc(i % 7 === 0 ? 3_000_000 : i, name)) })
  const altered = names.filter((_, i) => i % 3 === 1).map(anyPath)
  const alter = 'chmod u+w $1; printf x | dd of=$1 conv=notrunc status=none; chmod 0444 $1; touch -d @1 $1'
  for (const path of altered) execFileSync('sh', ['-ec', alter, 'sh', store.locate(path)])
  const [strange] = names.map(anyPath).filter(path => !altered.includes(path))
  execFileSync('sh', ['-ec', 'rm -f $1; mkfifo -m 0444 $1', 'sh', store.locate(strange!)])
  const problems = await find(store, true)
  expect(problems.filter(text => text.includes('its contents are not'))).toEqual(
    altered.toSorted().map(path => `altered /store/${path}: its contents are not those that were registered`),
  )
  expect(problems.filter(text => text.includes(strange!))).toHaveLength(1)
})

test('repair() sets metadata right', async () => {
  await using store = await filled()
  execFileSync('chmod', ['-R', 'u+w', store.locate(lib)])
  execFileSync('touch', [join(store.locate(lib), 'text')])
  expect(await find(store)).toHaveLength(1)
  expect(await mend(store)).toEqual([])
  expect(await find(store, true)).toEqual([])
})

test('verify() finds files without a record, which repair() removes, and strangers, which it leaves', async () => {
  await using store = await filled()
  writeTree(store.locate(anyPath('half')), directory({ a: file('a') }))
  writeTree(join(store.objects, 'stranger'), file(''))
  expect((await find(store)).sort()).toEqual([
    `garbage /store/${anyPath('half')}: it has no record: a command crashed before it was done`,
    'garbage stranger: it is no object',
  ])
  expect(await mend(store)).toEqual(['garbage stranger: it is no object'])
})

test('verify() leaves out what a command works on', async () => {
  await using store = await filled()
  await using _lock = await store.lock(anyPath('half'))
  writeTree(store.locate(anyPath('half')), file('half'))
  expect(await find(store)).toEqual([])
})

test('verify() tells how far it is, and ends when it is asked to', async () => {
  await using store = await filled()
  const told: VerifyProgress[] = []
  const interrupted = new AbortController()
  const options = { contents: true, signal: interrupted.signal }
  await verify(store, { ...options, report: progress => told.push(progress) })
  expect(told[0]).toEqual({ step: 'read every record' })
  expect(told.filter(({ step }) => step === 'hash every object')).toEqual([
    { step: 'hash every object' },
    { step: 'hash every object', checked: 0, total: 2 },
    { step: 'hash every object', checked: 1, total: 2 },
  ])
  interrupted.abort(new Error('enough'))
  await expect(verify(store, { ...options, report: () => {} })).rejects.toThrow('enough')
})

test('verify() finds roots that keep nothing', async () => {
  await using store = await filled()
  await addRoot(store, 'mine', app)
  await addLink(store, join(store.directory, 'result'), app)
  await deleteObjects(store, [app])
  await writeFile(join(store.state, 'roots/notes'), '')
  expect(await find(store)).toEqual([
    `root mine: it is a root for /store/${app}, which is not valid`,
    'root notes: it lies among the roots and is none',
    `root ${store.directory}/result: this out-link points to /store/${app}, which is not valid`,
  ])
})

/** Changes the database behind the store's back. */
async function edit(store: Store, work: (level: Level) => Promise<unknown>): Promise<void> {
  await store.suspend()
  const level = new Level(join(store.state, 'db-1'))
  await work(level)
  await level.close()
}

test('verify() finds damaged indices, which repair() makes anew', async () => {
  await using store = await filled()
  await edit(store, async level => {
    await level.sublevel('referrers').del(`${lib}/${app}`)
    await level.sublevel('outputs').put(`${lib}/${app}`, '')
  })
  expect((await find(store)).sort()).toEqual([
    `index outputs/${lib}/${app}: no record asks for this entry of an index`,
    `index referrers/${lib}/${app}: this entry of an index is missing`,
  ])
  expect(await listReferrers(store, lib)).toEqual([])
  expect(await mend(store)).toEqual([])
  expect(await listReferrers(store, lib)).toEqual([app])
})

test('verify() finds records that are damaged, and references that are not valid', async () => {
  await using store = await filled()
  await edit(store, level => level.sublevel('infos').put(lib, '{"narHash":1}'))
  expect((await find(store)).map(line => line.split(':')[0])).toEqual([`damaged-record ${lib}`])
  await edit(store, level => level.sublevel('infos').del(lib))
  expect(await find(store)).toContain(
    `missing-reference /store/${app}: it refers to /store/${lib}, which is not valid`,
  )
})

test.each(Object.entries(goldenTrees))(
  'inspectTree() knows the size of the archive of %s',
  async (_name, tree) => {
    await using temporary = await temporaryDirectory()
    const path = join(temporary.path, 'tree')
    writeTree(path, tree)
    expect(inspectTree(path).narSize).toBe((await hashTree(path)).narSize)
  },
)
