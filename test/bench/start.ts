import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { storeProgram } from '../support/command.js'
import { type Bench, BUILD_MEMORY, type Variant, withNix } from './bench.js'
import { measure, measureStore } from './command.js'

/** Node's own start, beside which what does little may take this many times as long. */
const bareNode: Variant = {
  name: 'node, nothing',
  goal: 1.7,
  run: () => measure(process.execPath, ['-e', '0']),
}

const startUp: Bench = {
  name: 'start',
  question: 'How long does a command take that does nothing?',
  prepare: async ({ nix }) => [
    {
      name: 'store --version',
      run: () => measure(process.execPath, [storeProgram, '--version']),
    },
    bareNode,
    withNix(nix, 'nix', nix => nix.variant('nix-store', () => ['--version'])),
  ],
}

/** Commands that do little. */
const little = [
  '--help',
  'list',
  'search greeting',
  'show hello',
  'info hello',
  'references hello',
  'log hello',
  'root list',
  'channel list',
  'describe',
  'completion bash',
]

const starting = (words: string): Bench => ({
  name: `start-${words.replaceAll(/\W+/g, ' ').trim().replaceAll(' ', '-')}`,
  question: `How long does store ${words} take?`,
  prepare: async ({ root }) => [
    { name: `store ${words}`, run: () => measureStore(root, words.split(' ')) },
    bareNode,
  ],
})

const noOp: Bench = {
  name: 'no-op',
  question: 'How long does building hello take when it is built? (Nix: a derivation without inputs)',
  prepare: async ({ root, directory, nix }) => {
    const file = join(directory, 'no-op.nix')
    const derivation =
      'derivation { name = "no-op"; system = "x86_64-linux"; builder = "/bin/sh"; args = [ "-c" "echo > $out" ]; }'
    await writeFile(file, derivation)
    return [
      { name: 'store', memoryGoal: BUILD_MEMORY, run: () => measureStore(root, ['build', 'hello']) },
      withNix(nix, 'nix', nix => nix.variant('nix-build', () => ['--no-out-link', file])),
      bareNode,
    ]
  },
}

export const starts: readonly Bench[] = [startUp, ...little.map(starting), noOp]
