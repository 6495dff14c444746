import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Bench, type Workbench, withNix } from './bench.js'
import { measure, measureStore } from './command.js'
import { removeTree } from './remove.js'

/** Files of a tree: how many, how large on average, and how many in a folder. */
export interface Shape {
  readonly files: number
  readonly size: number
  readonly fanout: number
}

const shapes: Readonly<Record<string, Shape>> = {
  gib: { files: 1, size: 2 ** 30, fanout: 1 },
  'small-files': { files: 100_000, size: 1500, fanout: 100 },
  tree: { files: 17_000, size: 18_600, fanout: 25 },
}

/** Writes a tree with content that no program can shorten; the same each time. */
export async function writeTree(target: string, { files, size, fanout }: Shape): Promise<void> {
  const noise = makeNoise(Math.min(size * 2, 2 ** 24))
  for (let i = 0; i < files; i++) {
    const file = join(target, String(Math.floor(i / fanout)), `file-${i}`)
    if (i % fanout === 0) await mkdir(dirname(file), { recursive: true })
    await writeFile(file, fill(noise, i, size))
  }
}

/** `size` bytes that begin with the number of the file. */
function* fill(noise: Buffer, i: number, size: number): Generator<Buffer> {
  yield Buffer.from(`${i}\n`)
  for (let left = size; left > 0; ) {
    const start = left === size ? (i * 7919) % Math.max(1, noise.length - left) : 0
    const piece = noise.subarray(start, start + left)
    left -= piece.length
    yield piece
  }
}

function makeNoise(length: number): Buffer {
  const pieces: Buffer[] = []
  for (let i = 0; i * 64 < length; i++) pieces.push(createHash('sha512').update(String(i)).digest())
  return Buffer.concat(pieces)
}

const add = (name: string, what: string): Bench => ({
  name: `add-${name}`,
  question: `How long does adding ${what} take?`,
  prepare: async ({ directory, nix }: Workbench) => {
    const source = join(directory, name)
    await writeTree(source, shapes[name]!)
    const root = join(directory, `add-${name}`)
    return [
      {
        name: 'store',
        reset: () => removeTree(root),
        run: () => measureStore(root, ['add', source]),
      },
      withNix(nix, 'nix', nix =>
        nix.variant('nix-store', () => ['--add', source], { reset: () => removeTree(nix.root) }),
      ),
    ]
  },
})

/** The source has to lie still for a moment: what has just changed is not remembered. */
const REST = 2500

const readd = (name: string, what: string): Bench => ({
  name: `readd-${name}`,
  question: `How long does adding ${what} take when it is there already, unchanged?`,
  prepare: async ({ directory, nix }: Workbench) => {
    const source = join(directory, name)
    await writeTree(source, shapes[name]!)
    await delay(REST)
    const root = join(directory, `readd-${name}`)
    await measureStore(root, ['add', source])
    return [
      { name: 'store', run: () => measureStore(root, ['add', source]) },
      withNix(nix, 'nix', ({ variant }) => variant('nix-store', () => ['--add', source])),
    ]
  },
})

const dump = (name: string, what: string): Bench => ({
  name: `dump-${name}`,
  question: `How long does dumping ${what} take?`,
  prepare: async ({ directory, root, nix }: Workbench) => {
    const source = join(directory, name)
    await writeTree(source, shapes[name]!)
    return [
      { name: 'store', run: () => measureStore(root, ['dump', source]) },
      withNix(nix, 'nix', () => ({
        name: 'nix',
        goal: 1,
        run: () => measure('nix-store', ['--dump', source]),
      })),
    ]
  },
})

const names: Readonly<Record<string, string>> = {
  gib: 'a file of 1 GiB',
  'small-files': '100,000 files of 150 MB in all',
  tree: 'a tree of 17,000 files and 316 MB',
}

export const trees: readonly Bench[] = Object.entries(names).flatMap(([name, what]) => [
  add(name, what),
  readd(name, what),
  dump(name, what),
])
