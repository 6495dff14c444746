import { execFileSync } from 'node:child_process'
import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import type { Problem } from '../../store/index.js'
import { type Mounts, makeMounts } from './mounts.js'
import { run } from './processes.js'

const source = fileURLToPath(new URL('power-cut.c', import.meta.url))

/**
 * Options that let a file system do what it promises and no more: it writes nothing before it must, and knows nothing
 * of files that take the place of others.
 */
const LAZY = 'commit=300,noauto_da_alloc'

/** Where the objects, the state, and the out-links lie, each on a file system of its own. */
const places = ['store', 'var', 'home'] as const

interface Disk {
  readonly image: string
  readonly at: string
}

/** What a store has after the power came back. */
interface Found {
  readonly valid: readonly string[]
  readonly roots: readonly string[]
  readonly problems: readonly Problem[]
  readonly left: readonly Problem[]
}

/** What a cut in the middle of something leaves, which a collection sets right. */
const expected: readonly Problem['kind'][] = ['garbage', 'metadata']

/**
 * Lets a process change a store whose objects, state and out-links lie on three file systems, cuts the power of all
 * after some time, and looks what is left; `cuts` times on the same disks. What was told to be valid, or a root, must still be,
 * and whole. Returns how many objects were told of, or why this machine cannot do it.
 */
export async function cutPower(worker: string, cuts: number): Promise<number | string> {
  if (process.geteuid!() !== 0) return 'needs root, for loop devices'
  await using mounts = await makeMounts()
  if (!mounts) return 'needs mount namespaces'
  const cutter = `${mounts.path}.cut`
  execFileSync('cc', ['-o', cutter, source])
  await mounts.sh(`mount -t tmpfs tmpfs ${mounts.path}`)
  const disks = places.map(name => ({
    image: join(mounts.path, `${name}.img`),
    at: join(mounts.path, name),
  }))
  for (const disk of disks) {
    const image = join(mounts.outside, disk.image.slice(mounts.path.length))
    writeFileSync(image, '')
    truncateSync(image, 512 << 20)
    await mounts.sh(`mkfs.ext4 -q -F ${disk.image} && mkdir ${disk.at}`)
    if (await attach(mounts, disk).catch(String)) return 'needs ext4 on loop devices'
  }
  let told = 0
  for (let cut = 0; cut < cuts; cut++) {
    // Which of them goes first is not ours to choose.
    const order = cut % 2 === 0 ? disks : disks.toReversed()
    told += await cutOnce(mounts, { worker, cutter, disks: order, cut })
  }
  for (const { at } of disks) await mounts.sh(`umount ${at}`)
  execFileSync('rm', [cutter])
  return told
}

const attach = (mounts: Mounts, { image, at }: Disk): Promise<void> =>
  mounts.sh(`mount -o loop,${LAZY} ${image} ${at}`)

interface Cut {
  readonly worker: string
  readonly cutter: string
  readonly disks: readonly Disk[]
  readonly cut: number
}

async function cutOnce(mounts: Mounts, { worker, cutter, disks, cut }: Cut): Promise<number> {
  const folders = places.map(name => join(mounts.path, name))
  const working = run(worker, [...folders, 'work', String(cut)], { within: mounts.within })
  const lines: string[] = []
  const reading = (async () => {
    for (let line = await working.line(); line !== undefined; line = await working.line()) lines.push(line)
  })()
  // The start of the process does not count, and needs more time on a busy machine.
  while (lines.length === 0 && working.child.exitCode === null) await delay(5)
  await delay(Math.random() * 1500)
  const toldBefore = [...lines]
  execFileSync(mounts.within[0]!, [...mounts.within.slice(1), cutter, ...disks.map(({ at }) => at)])
  working.child.kill('SIGKILL')
  await working.ended
  await reading
  // The keeper dies with its process, a moment later.
  for (const { at } of disks) await mounts.sh(`until umount ${at}; do sleep 0.05; done`)
  for (const disk of disks) await attach(mounts, disk)
  const found = await look(mounts, worker, folders)
  const missing = toldBefore.filter(line => {
    const [kind, name = ''] = line.split(' ')
    return !(kind === 'valid' ? found.valid : found.roots).includes(name)
  })
  expect(missing, `cut ${cut}`).toEqual([])
  expect(
    found.problems.filter(({ kind }) => !expected.includes(kind)),
    `cut ${cut}`,
  ).toEqual([])
  expect(found.left, `cut ${cut}`).toEqual([])
  return toldBefore.length
}

async function look(mounts: Mounts, worker: string, folders: readonly string[]): Promise<Found> {
  const { line, ended } = run(worker, [...folders, 'check'], { within: mounts.within })
  const text = await line()
  expect((await ended).errors).toBe('')
  return JSON.parse(text!)
}
