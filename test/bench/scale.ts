import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { addRoot, digestOf, openStore, type PathInfo, type StorePath } from '../../store/index.js'
import { anyPath } from '../support/objects.js'
import { aRecord, register } from '../support/records.js'
import { storeOptions } from '../support/store.js'
import { type Bench, type Workbench, withNix } from './bench.js'
import { measureStore } from './command.js'
import { removeTree } from './remove.js'

/** A graph of objects, and those that roots keep. */
export interface Graph {
  readonly objects: readonly { readonly name: string; readonly references: readonly string[] }[]
  readonly roots: readonly string[]
}

const leaves = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}-${i}`)

/** One object that refers to `count` others. */
const hub = (prefix: string, count: number): Graph['objects'] => [
  ...leaves(prefix, count).map(name => ({ name, references: [] })),
  { name: prefix, references: leaves(prefix, count) },
]

const graphs = {
  some: { objects: hub('live', 5000), roots: ['live'] },
  live: { objects: hub('live', 20_000), roots: ['live'] },
  half: { objects: [...hub('live', 20_000), ...hub('dead', 20_000)], roots: ['live'] },
} satisfies Record<string, Graph>

/** Objects whose records are in memory at once. */
const CHUNK = 2000

export async function makeStore(root: string, { objects, roots }: Graph): Promise<void> {
  await using store = await openStore(storeOptions(root))
  for (let at = 0; at < objects.length; at += CHUNK) {
    const chunk = objects.slice(at, at + CHUNK)
    await register(
      store,
      chunk.map(({ name, references }): PathInfo => aRecord(anyPath(name), references.map(anyPath))),
    )
  }
  for (const name of roots) await addRoot(store, name, anyPath(name))
}

const nixPath = (name: string): string => `/nix/store/${anyPath(name) satisfies StorePath}`

/** Registers objects with Nix in one go: path, hash, size, deriver, references. */
function makeNixStore(root: string, { objects, roots }: Graph): void {
  mkdirSync(join(root, 'nix/store'), { recursive: true })
  for (const { name } of objects) writeFileSync(join(root, nixPath(name)), '', { mode: 0o444 })
  const records = objects.map(({ name, references }) =>
    [
      nixPath(name),
      `sha256:${digestOf('sha256', name).hex}`,
      '112',
      '',
      references.length,
      ...references.map(nixPath),
    ].join('\n'),
  )
  execFileSync('nix-store', ['--store', root, '--load-db'], { input: `${records.join('\n')}\n` })
  mkdirSync(join(root, 'nix/var/nix/gcroots'), { recursive: true })
  for (const name of roots)
    execFileSync('ln', ['-sfn', nixPath(name), join(root, 'nix/var/nix/gcroots', name)])
}

const scale = (
  name: string,
  question: string,
  graph: Graph,
  [ours, theirs]: readonly [ours: readonly string[], theirs: readonly string[]],
): Bench => ({
  name,
  question,
  prepare: async ({ directory, nix }: Workbench) => {
    const [root, made] = [join(directory, name), join(directory, `${name}-made`)]
    const nixRoot = join(directory, 'nix/root')
    await makeStore(made, graph)
    return [
      {
        name: 'store',
        reset: async () => {
          await removeTree(root)
          execFileSync('cp', ['-a', made, root])
        },
        run: () => measureStore(root, ours),
      },
      withNix(nix, 'nix', ({ variant }) =>
        variant('nix-store', () => theirs, {
          reset: async () => {
            await removeTree(nixRoot)
            makeNixStore(nixRoot, graph)
          },
        }),
      ),
    ]
  },
})

export const scales: readonly Bench[] = [
  scale(
    'collect-half',
    'How long does collecting 20,001 dead objects beside as many live ones take?',
    graphs.half,
    [['gc'], ['--gc']],
  ),
  scale(
    'collect-none',
    'How long does collecting take when 20,001 objects are live and none is dead?',
    graphs.live,
    [['gc'], ['--gc']],
  ),
  scale(
    'list-dead',
    'How long does listing 20,001 dead objects beside as many live ones take?',
    graphs.half,
    [
      ['gc', '--list-dead'],
      ['--gc', '--print-dead'],
    ],
  ),
  scale('closure', 'How long does the closure of 5,001 objects take?', graphs.some, [
    ['closure', anyPath('live')],
    ['--query', '--requisites', nixPath('live')],
  ]),
  scale('referrers', 'How long does listing what refers to one of 5,001 objects take?', graphs.some, [
    ['referrers', anyPath('live-0')],
    ['--query', '--referrers-closure', nixPath('live-0')],
  ]),
]
