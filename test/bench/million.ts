import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { anyPath } from '../support/objects.js'
import type { Bench, MeasuredVariant, Workbench } from './bench.js'
import { measureStore } from './command.js'
import { removeTree } from './remove.js'
import { type Graph, makeStore } from './scale.js'

/** A tree of objects in which each refers to `fanout` others. */
function* branch(name: string, depth: number, fanout: number): Generator<Graph['objects'][number]> {
  const references = depth === 0 ? [] : Array.from({ length: fanout }, (_, i) => `${name}-${i}`)
  for (const reference of references) yield* branch(reference, depth - 1, fanout)
  yield { name, references }
}

const halves = (fanout: number): Graph => ({
  objects: [...branch('live', 3, fanout), ...branch('dead', 3, fanout)],
  roots: ['live'],
})

/** Stores of which half is kept by a root. */
const sizes = {
  large: { name: '998,720 objects', graph: halves(79) },
  small: { name: '10,440 objects', graph: halves(17) },
}

/** Made once; a bench that changes it works on a copy. */
async function makeOnce({ directory }: Workbench, size: keyof typeof sizes): Promise<string> {
  const root = join(directory, `objects-${size}`)
  if (!existsSync(root)) await makeStore(root, sizes[size].graph)
  return root
}

/** What a store with a million objects is asked, beside one with a hundredth of that. */
const asked = (
  name: string,
  question: string,
  args: readonly string[],
  goal: number,
  changes = false,
): Bench => ({
  name: `million-${name}`,
  question: `How much longer does ${question} take with 96 times as many objects?`,
  prepare: async bench => {
    const variant = async (size: keyof typeof sizes): Promise<MeasuredVariant> => {
      const made = await makeOnce(bench, size)
      if (!changes) return { name: sizes[size].name, run: () => measureStore(made, args) }
      const root = `${made}-copy`
      const reset = async () => {
        await removeTree(root)
        execFileSync('cp', ['-a', made, root])
      }
      return { name: sizes[size].name, reset, run: () => measureStore(root, args) }
    }
    return [await variant('large'), { ...(await variant('small')), goal }]
  },
})

export const millions: readonly Bench[] = [
  asked('start', 'asking for one object', ['references', anyPath('live-0-0-0')], 1.1),
  asked('closure', 'the closure of half of them', ['closure', anyPath('live')], 96),
  asked('list-dead', 'listing the dead half', ['gc', '--list-dead'], 96),
  asked('collect', 'collecting the dead half', ['gc'], 96, true),
]
