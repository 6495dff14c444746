import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, inject, test } from 'vitest'
import { addRoot, addTree, exportClosure } from '../../store/index.js'
import { keepToolchain } from '../support/builds.js'
import { recipeFile } from '../support/cloned.js'
import { type Ran, runStore } from '../support/command.js'
import { fillDisk, type Mounts, makeSmallDisk } from '../support/mounts.js'
import { temporaryStore } from '../support/store.js'
import { directory, file, writeTree } from '../support/trees.js'

/** Bytes left on a full disk. */
const LEFT = [0, 40_000, 300_000, 1_500_000]

/** Forty objects as one stream, made elsewhere. */
let stream: Uint8Array
beforeAll(async () => {
  await using store = await temporaryStore()
  const paths = []
  for (let i = 0; i < 40; i++) {
    writeTree(join(store.directory, `${i}`), directory({ text: file(`text ${i}\n`.repeat(3000)) }))
    paths.push((await addTree(store, `imported-${i}`, join(store.directory, `${i}`))).path)
  }
  await addRoot(store, 'all', paths[0]!)
  const chunks = []
  for await (const chunk of exportClosure(store, paths)) chunks.push(Buffer.from(chunk))
  stream = Buffer.concat(chunks)
})

const noise = (size: number, seed: number): Buffer => Buffer.alloc(size, `${seed} noise ${seed * 7919}`)

/** What the command says must be done, or fail for want of space and nothing else. */
function expectDoneOrFull({ status, stderr }: Ran, what: string): void {
  expect(stderr, what).not.toMatch(/\n {4}at /)
  if (status === 0) return
  expect(stderr, what).toContain('error[DISK_FULL]')
  expect(stderr, what).toContain('hint: ')
  expect(status, what).toBe(1)
}

/** Collects on the full disk, and looks whether all is well. */
async function expectCollectable(run: (...args: string[]) => Promise<Ran>, what: string): Promise<void> {
  const collected = await run('gc', '--keep-outputs', '--quiet')
  expect(collected, what).toMatchObject({ status: 0, stderr: '' })
  expect(await run('verify', '--contents', '--quiet'), what).toMatchObject({ status: 0, stdout: '' })
}

test.for(['add', 'import', 'optimise', 'gc'])(
  'a disk that is full during %s loses nothing',
  async (command, { skip }) => {
    await using disk = await makeSmallDisk(24 << 20)
    if (!disk) return skip('needs user namespaces')
    const input = command === 'import' ? stream : undefined
    const run = (...args: string[]) =>
      runStore(disk.path, args, { within: disk.within, ...(args[0] === 'import' && input && { input }) })
    const source = (name: string) => join(disk.path, name)
    const write = (name: string, n: number) =>
      writeTree(
        join(disk.outside, name),
        directory({ own: file(noise(700_000, n)), common: file(noise(300_000, 0)) }),
      )
    write('kept', 1)
    const kept = (await run('add', source('kept'))).stdout.trim()
    expect(await run('root', 'add', 'kept', kept)).toMatchObject({ status: 0 })
    const statuses: unknown[] = []
    for (const [n, left] of LEFT.entries()) {
      const what = `${command} with ${left} bytes left`
      for (const name of ['dead', 'fresh']) write(name, n)
      expect(await run('add', source('dead')), what).toMatchObject({ status: 0 })
      const fill = fillDisk(disk.outside, left)
      const ran = await run(command, ...(command === 'add' ? [source('fresh')] : []))
      statuses.push(ran.status)
      expectDoneOrFull(ran, what)
      await expectCollectable(run, what)
      expect(await run('gc', '--list-live', '--quiet'), what).toMatchObject({ stdout: `${kept}\n` })
      for (const path of [fill, ...['dead', 'fresh'].map(name => join(disk.outside, name))])
        rmSync(path, { recursive: true })
    }
    // Where nothing is left all but a collection fail, or nothing would be tried here.
    expect(statuses[0]).toBe(command === 'gc' ? 0 : 1)
  },
)

/** The seeded store on a disk with `spare` bytes beside it. */
async function seededDisk(spare: number): Promise<Mounts | undefined> {
  if (process.geteuid!() !== 0) return undefined
  const disk = await makeSmallDisk(2 * 2 ** 30 + spare)
  await disk?.sh(`cp -a ${inject('seeded')}/store ${inject('seeded')}/var ${disk.path}`)
  await disk?.sh(
    `mount -o remount,size=$(( $(du -s --block-size=1 ${disk.path} | cut -f 1) + ${spare} )) ${disk.path}`,
  )
  return disk
}

const large = recipeFile(`
  export const base = make('base', sh\`echo base > "$out"\`)
  const large = n => make('large-' + n, sh\`head -c 8000000 /dev/zero > "$out"; echo \${String(n)} >> "$out"\`)
  ${Array.from({ length: 9 }, (_, n) => `export const large${n} = large(${n})`).join('\n')}`)

test('a disk that is full during builds loses nothing', async ({ skip }) => {
  await using disk = await seededDisk(64 << 20)
  if (!disk) return skip('builds within a mount namespace need root')
  const recipe = join(disk.path, 'large.ts')
  writeFileSync(join(disk.outside, 'large.ts'), large)
  const run = (...args: string[]) => runStore(disk.path, args, { within: disk.within })
  await keepToolchain(run, `${recipe}:base`)
  for (const [n, left] of [0, 2_000_000, 9_000_000, 20_000_000].entries()) {
    const what = `build with ${left} bytes left`
    const dead = await run('build', `${recipe}:large-8`)
    expect(dead, what).toMatchObject({ status: 0 })
    const fill = fillDisk(disk.outside, left)
    const built = await run('build', `${recipe}:large-${n}`)
    // A builder that finds no space says so itself, and fails.
    if (built.status === 100) expect(built.stderr).toMatch(/No space left/)
    else expectDoneOrFull(built, what)
    await expectCollectable(run, what)
    rmSync(fill)
  }
})

test('STORE_MIN_FREE makes room for builds that go on', async ({ skip }) => {
  await using disk = await seededDisk(40 << 20)
  if (!disk) return skip('builds within a mount namespace need root')
  const recipe = join(disk.path, 'large.ts')
  writeFileSync(join(disk.outside, 'large.ts'), large)
  const run = (...args: string[]) =>
    runStore(disk.path, args, { within: disk.within, env: { STORE_MIN_FREE: '16M' } })
  await keepToolchain(run, `${recipe}:base`)
  let collections = 0
  for (let n = 0; n < 9; n++) {
    const built = await run('build', `${recipe}:large-${n}`)
    expect(built, built.stderr).toMatchObject({ status: 0 })
    if (built.stderr.includes('little space is left')) {
      collections++
      expect(built.stderr).toMatch(/^deleted \d+ objects?, /m)
    }
    expect(readFileSync(join(disk.outside, built.stdout.trim())).length).toBeGreaterThan(8_000_000)
  }
  expect(collections).toBeGreaterThan(0)
  expect(await run('verify', '--quiet')).toMatchObject({ status: 0, stdout: '' })
  const without = await runStore(disk.path, ['build', `${recipe}:large-0`], { within: disk.within })
  expect(without.stderr).not.toContain('little space is left')
})
