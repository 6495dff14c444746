import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { storeProgram } from '../support/command.js'
import { type Bench, withNix } from './bench.js'
import { measure, measureStore } from './command.js'

const startUp: Bench = {
  name: 'start',
  question: 'How long does a command take that does nothing?',
  prepare: async ({ root, nix }) => [
    {
      name: 'store --version',
      run: () => measure(process.execPath, [storeProgram, '--version']),
    },
    { name: 'node, nothing', goal: 1.7, run: () => measure(process.execPath, ['-e', '0']) },
    { name: 'store list', run: () => measureStore(root, ['list']) },
    withNix(nix, 'nix', nix => nix.variant('nix-store', () => ['--version'])),
  ],
}

const noOp: Bench = {
  name: 'no-op',
  question: 'How long does building hello take when it is built? (Nix: a derivation without inputs)',
  prepare: async ({ root, directory, nix }) => {
    const file = join(directory, 'no-op.nix')
    const derivation =
      'derivation { name = "no-op"; system = "x86_64-linux"; builder = "/bin/sh"; args = [ "-c" "echo > $out" ]; }'
    await writeFile(file, derivation)
    return [
      { name: 'store', run: () => measureStore(root, ['build', 'hello']) },
      withNix(nix, 'nix', nix => nix.variant('nix-build', () => ['--no-out-link', file])),
      { name: 'node, nothing', goal: 1.7, run: () => measure(process.execPath, ['-e', '0']) },
    ]
  },
}

export const starts: readonly Bench[] = [startUp, noOp]
