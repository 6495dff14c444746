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

/** `count` layers of `width` objects, of which each refers to `fanout` of the next layer; one object refers to the first. */
const layers = (prefix: string, count: number, width: number, fanout: number): Graph['objects'] => {
  const name = (layer: number, i: number): string => `${prefix}-${layer}-${i % width}`
  const layer = (at: number): Graph['objects'] =>
    Array.from({ length: width }, (_, i) => ({
      name: name(at, i),
      references: at + 1 < count ? Array.from({ length: fanout }, (_, j) => name(at + 1, i + j)) : [],
    }))
  return [
    ...Array.from({ length: count }, (_, at) => layer(at)).flat(),
    { name: prefix, references: Array.from({ length: width }, (_, i) => name(0, i)) },
  ]
}

const graphs = {
  deep: { objects: layers('live', 20, 250, 10), roots: ['live'] },
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
  [ours, [program, ...theirs]]: readonly [
    ours: readonly string[],
    theirs: readonly [program: string, ...args: string[]],
  ],
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
        variant(program, () => theirs, {
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
    [['gc'], ['nix-store', '--gc']],
  ),
  scale(
    'collect-none',
    'How long does collecting take when 20,001 objects are live and none is dead?',
    graphs.live,
    [['gc'], ['nix-store', '--gc']],
  ),
  scale(
    'list-dead',
    'How long does listing 20,001 dead objects beside as many live ones take?',
    graphs.half,
    [
      ['gc', '--list-dead'],
      ['nix-store', '--gc', '--print-dead'],
    ],
  ),
  scale('closure', 'How long does the closure of 5,001 objects take?', graphs.some, [
    ['closure', anyPath('live')],
    ['nix-store', '--query', '--requisites', nixPath('live')],
  ]),
  scale('referrers', 'How long does listing what refers to one of 5,001 objects take?', graphs.some, [
    ['referrers', anyPath('live-0')],
    ['nix-store', '--query', '--referrers-closure', nixPath('live-0')],
  ]),
  scale(
    'why-depends',
    'How long does it take to say why an object needs one that is 20 references away, among 5,001?',
    graphs.deep,
    [
      ['why-depends', anyPath('live'), anyPath('live-19-0')],
      [
        'nix',
        '--extra-experimental-features',
        'nix-command',
        'why-depends',
        nixPath('live'),
        nixPath('live-19-0'),
      ],
    ],
  ),
]
