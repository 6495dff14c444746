import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { Level } from 'level'
import { expect, test } from 'vitest'
import { clonedStore, recipeFile } from '../support/cloned.js'
import { anyPath } from '../support/objects.js'

const store = clonedStore()

/** Each object is damaged in one way; the tests are about those of one recipe file. */
interface Damage {
  readonly what: string
  /** Gets where the object lies, and where its text does, both writable. */
  readonly damage: (object: string, text: string) => void
  readonly found: string
}

const damages: readonly Damage[] = [
  { what: 'a missing object', damage: object => rmSync(object, { recursive: true }), found: 'missing' },
  { what: 'a missing file', damage: (_object, text) => rmSync(text), found: 'altered' },
  {
    what: 'an altered file',
    damage: (_object, text) => {
      writeFileSync(text, 'TEXT\n')
      utimesSync(text, 1, 1)
      chmodSync(text, 0o444)
    },
    found: 'altered',
  },
  { what: 'an extra file', damage: object => writeFileSync(join(object, 'extra'), ''), found: 'altered' },
  { what: 'a truncated file', damage: (_object, text) => truncateSync(text, 1), found: 'altered' },
  { what: 'a wrong mode', damage: (_object, text) => chmodSync(text, 0o666), found: 'metadata' },
]

const recipe = recipeFile(`
  const lib = make('lib', sh\`echo lib > "$out"\`)
  ${[...damages.keys(), 'index', 'record', 'drv', 'gone']
    .map(
      n =>
        `export const o${n} = make('o${n}', sh\`mkdir "$out"; echo text > "$out"/text; echo \${lib} > "$out"/lib\`)`,
    )
    .join('\n')}`)

const onDisk = (path: string): string => join(store.path, path)

async function edit(work: (level: Level<string, string>) => Promise<unknown>): Promise<void> {
  const level = new Level<string, string>(join(store.path, 'var/db-1'))
  await work(level)
  await level.close()
}

test('every kind of damage is found, and repaired or told how to', async () => {
  const file = await store.write('damaged.ts', recipe)
  const names = [...damages.map((_, n) => `o${n}`), 'oindex', 'orecord', 'odrv', 'ogone'].map(
    name => `${file}:${name}`,
  )
  const built = await store.run(['build', ...names])
  expect(built, built.stderr).toMatchObject({ status: 0 })
  const paths = built.stdout.trim().split('\n')
  const [index = '', record = ''] = paths.slice(damages.length)
  const { stdout } = await store.run(['build', '--derivation', `${file}:odrv`, `${file}:ogone`])
  const [drv = '', gone = ''] = stdout.trim().split('\n')
  const lines: RegExp[] = []
  for (const [n, { damage, found, what }] of damages.entries()) {
    const object = onDisk(paths[n]!)
    chmodSync(object, 0o755)
    chmodSync(join(object, 'text'), 0o644)
    damage(object, join(object, 'text'))
    // An extra or missing file shows in the size, whatever else does.
    if (lstatSync(object, { throwIfNoEntry: false })) chmodSync(object, 0o555)
    lines.push(new RegExp(`^${found}: ${paths[n]}: .*\\. [A-Z]`, 'm'))
    expect(what).not.toBe('')
  }
  chmodSync(onDisk(drv), 0o644)
  truncateSync(onDisk(drv), 10)
  lines.push(new RegExp(`^altered: ${drv}: `, 'm'))
  rmSync(onDisk(gone))
  lines.push(new RegExp(`^missing: ${gone}: `, 'm'))
  const half = anyPath('half')
  const dangling = join(store.path, 'var/roots/dangling')
  mkdirSync(join(store.path, 'var/roots'), { recursive: true })
  symlinkSync(onDisk(`/store/${half}`), dangling)
  lines.push(
    new RegExp(`^root: dangling: .*${half}, which is not valid. Remove it: store root remove dangling$`, 'm'),
  )
  mkdirSync(join(store.path, 'store', half))
  lines.push(new RegExp(`^garbage: /store/${half}: it has no record`, 'm'))
  const linked = await store.run(['build', `${file}:oindex`, '-o', 'result'])
  expect(linked.status).toBe(0)
  rmSync(join(store.folder, 'result'))
  lines.push(new RegExp(`^root: ${join(store.folder, 'result')}: .* Forget it: store gc`, 'm'))
  const lib = JSON.parse((await store.run(['info', index, '--json'])).stdout).references.find(
    (path: string) => path.endsWith('-lib-1'),
  )
  await edit(async level => {
    await level.sublevel('referrers').del(`${basename(lib)}/${basename(index)}`)
    await level.sublevel<string, string>('infos', {}).put(basename(record), '{"narHash":')
  })
  lines.push(new RegExp(`^index: referrers/${basename(lib)}/${basename(index)}: .* is missing`, 'm'))
  lines.push(new RegExp(`^damaged-record: ${basename(record)}: `, 'm'))

  const found = await store.run(['verify', '--contents'])
  expect(found.status).toBe(1)
  for (const line of lines) expect(found.stdout).toMatch(line)
  const mended = await store.run(['verify', '--contents', '--repair'])
  expect(mended.stdout).toMatch(new RegExp(`^altered: ${drv}: .*store verify --repair PKG`, 'm'))
  expect(mended.stdout).toMatch(new RegExp(`^missing: ${gone}: .*store verify --repair PKG`, 'm'))
  expect(mended.stdout).toMatch(/^root: dangling: /m)
  expect(mended.stdout.trim().split('\n')).toHaveLength(3)
  // What a root was for nobody but its owner can tell.
  expect(lstatSync(dangling).isSymbolicLink()).toBe(true)
  expect(await store.run(['root', 'remove', 'dangling'])).toMatchObject({ status: 0 })
  const rest = await store.run(['verify', '--contents', '--repair', `${file}:odrv`, `${file}:ogone`])
  expect(rest).toMatchObject({ status: 0, stdout: '' })
})

const database = (...names: string[]): string => join(store.path, 'var/db-1', ...names)

test.each([
  ['names no other file of it', () => writeFileSync(database('CURRENT'), 'nonsense')],
  ['has damaged blocks', damageTables],
  ['lacks the file that names the others', () => rmSync(database('CURRENT'))],
  ['is gone', () => rmSync(database(), { recursive: true })],
])('a database that %s is told of, and made anew from the objects', async (_what, damage) => {
  const before = await store.run(['closure', 'hello'])
  expect(before).toMatchObject({ status: 0, stderr: '' })
  damage()
  for (const args of [
    ['gc', '--quiet'],
    ['add', '/etc/passwd'],
    ['verify', '--quiet'],
  ]) {
    const { status, stdout, stderr } = await store.run(args)
    expect(stderr).toMatch(/^error\[DATABASE_DAMAGED\]: .*\nhint: .*store verify --repair\n$/)
    expect([status, stdout]).toEqual([1, ''])
  }
  expect(await store.run(['verify', '--repair', '--quiet'])).toMatchObject({ status: 0, stdout: '' })
  expect(await store.run(['verify', '--contents', '--quiet'])).toMatchObject({ status: 0, stdout: '' })
  expect(await store.run(['closure', 'hello'])).toEqual(before)
})

/** Overwrites the beginning of every table, in which its records lie. */
function damageTables(): void {
  const tables = readdirSync(database()).filter(name => name.endsWith('.ldb'))
  expect(tables).not.toEqual([])
  for (const name of tables) {
    const file = openSync(database(name), 'r+')
    writeSync(file, Buffer.alloc(200, 0xa5), 0, 200, 0)
    closeSync(file)
  }
}
