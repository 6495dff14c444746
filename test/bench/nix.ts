import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { Nix } from './bench.js'
import { measure } from './command.js'

/** Settings under which Nix does as much as we do: sandboxed builds as one user, nothing from elsewhere. */
const settings = (shell: string): string => `sandbox = true
sandbox-paths = /bin/sh=${shell}
build-users-group =
substitute = false
substituters =
`

/** Looks for Nix on PATH and for a shell without libraries, which its builds run. */
export async function findNix(directory: string): Promise<Nix> {
  const program = find('nix-store')
  if (program === undefined) return { kind: 'missing', why: 'nix-store is not on PATH' }
  const shell = find('busybox')
  if (shell === undefined) return { kind: 'missing', why: 'there is no static busybox for its builds' }
  const root = join(directory, 'nix')
  const conf = join(root, 'conf')
  await mkdir(conf, { recursive: true })
  await writeFile(join(conf, 'nix.conf'), settings(shell))
  const env = { NIX_CONF_DIR: conf, NIX_REMOTE: '' }
  return {
    kind: 'there',
    version: execFileSync(program, ['--version'], { encoding: 'utf8' }).trim(),
    root: join(root, 'root'),
    variant: (command, args, { reset, ...files } = {}) => ({
      name: 'nix',
      goal: 1,
      ...(reset && { reset }),
      run: () => measure(command, ['--store', join(root, 'root'), ...args()], { env, ...files }),
    }),
  }
}

const find = (program: string): string | undefined =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map(folder => join(folder, program))
    .find(file => existsSync(file))
