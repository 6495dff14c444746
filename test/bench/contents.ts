import { execFileSync } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Bench, type Workbench, withNix } from './bench.js'
import { measureStore } from './command.js'
import { removeTree } from './remove.js'
import { type Shape, writeTree } from './trees.js'

const LARGE: Shape = { files: 500, size: 1_000_000, fanout: 50 }
const MANY: Shape = { files: 17_000, size: 18_600, fanout: 25 }
const HALF: Shape = { files: 17_000, size: 29_400, fanout: 25 }

/** Adds trees to a store of the bench's own and to that of Nix, where nothing else is left. */
async function addTrees({ directory, nix }: Workbench, name: string, trees: readonly string[], shape: Shape) {
  const root = join(directory, name)
  if (nix.kind === 'there') await removeTree(nix.root)
  for (const tree of trees) {
    const source = join(directory, `${name}-sources`, tree)
    await writeTree(source, shape)
    await measureStore(root, ['add', source])
    if (nix.kind === 'there') await nix.variant('nix-store', () => ['--add', source]).run()
  }
  return root
}

/** What two stores that hold the same trees are asked. */
interface Question {
  readonly name: string
  readonly question: string
  readonly trees: readonly string[]
  readonly shape: Shape
  /** Each run finds the store as it was before all of them, or as the run before left it. */
  readonly from: 'the start' | 'the run before'
  readonly ours: readonly string[]
  readonly theirs: readonly string[]
}

/** A copy of a store, and what puts it back. */
function keepCopy(root: string): () => Promise<void> {
  execFileSync('cp', ['-a', root, `${root}-made`])
  return async () => {
    await removeTree(root)
    execFileSync('cp', ['-a', `${root}-made`, root])
  }
}

const ask = ({ name, question, trees, shape, from, ours, theirs }: Question): Bench => ({
  name,
  question,
  prepare: async bench => {
    const root = await addTrees(bench, name, trees, shape)
    const resetOf = (place: string) => (from === 'the start' ? { reset: keepCopy(place) } : {})
    return [
      { name: 'store', ...resetOf(root), run: () => measureStore(root, ours) },
      withNix(bench.nix, 'nix', nix => nix.variant('nix-store', () => theirs, resetOf(nix.root))),
    ]
  },
})

/** The one object of a store with this name. */
async function find(store: string, name: string): Promise<string> {
  const found = (await readdir(store)).find(entry => entry.endsWith(`-${name}`))
  if (found === undefined) throw new Error(`There is no ${name} in ${store}`)
  return found
}

const exported: Bench = {
  name: 'export',
  question: 'How long does the export of an object of 500 MB take?',
  prepare: async bench => {
    const root = await addTrees(bench, 'export', ['it'], HALF)
    const object = await find(join(root, 'store'), 'it')
    const { nix } = bench
    const theirs = nix.kind === 'there' ? await find(join(nix.root, 'nix/store'), 'it') : ''
    return [
      { name: 'store', run: () => measureStore(root, ['export', object]) },
      withNix(nix, 'nix', nix => nix.variant('nix-store', () => ['--export', `/nix/store/${theirs}`])),
    ]
  },
}

const imported: Bench = {
  name: 'import',
  question: 'How long does the import of an object of 500 MB into an empty store take?',
  prepare: async bench => {
    const root = await addTrees(bench, 'import', ['it'], HALF)
    const [ours, theirs] = ['ours', 'theirs'].map(name => join(bench.directory, `${name}.export`)) as [
      string,
      string,
    ]
    await measureStore(root, ['export', await find(join(root, 'store'), 'it')], { stdout: ours })
    const { nix } = bench
    if (nix.kind === 'there') {
      const path = `/nix/store/${await find(join(nix.root, 'nix/store'), 'it')}`
      await nix.variant('nix-store', () => ['--export', path], { stdout: theirs }).run()
    }
    return [
      {
        name: 'store',
        reset: () => removeTree(root),
        run: () => measureStore(root, ['import'], { stdin: ours }),
      },
      withNix(nix, 'nix', nix =>
        nix.variant('nix-store', () => ['--import'], { reset: () => removeTree(nix.root), stdin: theirs }),
      ),
    ]
  },
}

export const contents: readonly Bench[] = [
  ask({
    name: 'verify-contents',
    question: 'How long does hashing three trees of 500 MB take?',
    trees: ['one', 'two', 'three'],
    shape: LARGE,
    from: 'the run before',
    ours: ['verify', '--contents'],
    theirs: ['--verify', '--check-contents'],
  }),
  ask({
    name: 'optimise-first',
    question: 'How long does linking the equal files of two trees of 17,000 files take?',
    trees: ['one', 'two'],
    shape: MANY,
    from: 'the start',
    ours: ['optimise'],
    theirs: ['--optimise'],
  }),
  ask({
    name: 'optimise-again',
    question: 'How long does it take when they are linked? (The first run links them)',
    trees: ['one', 'two'],
    shape: MANY,
    from: 'the run before',
    ours: ['optimise'],
    theirs: ['--optimise'],
  }),
  exported,
  imported,
]
