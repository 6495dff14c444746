import type { Derivation } from '../../builder/derivation/derivation.js'
import { parseStorePath } from '../../store/index.js'

export const somePath = (name: string, letter = '0') => parseStorePath(`${letter.repeat(32)}-${name}`)

/** A derivation with something in every field. */
export const aDerivation = (fields: Partial<Derivation> = {}): Derivation => ({
  name: 'hello-2.10',
  system: 'x86_64-linux',
  world: 'linux-1',
  builder: '/store/00000000000000000000000000000000-bash/bin/bash',
  args: ['-c', 'echo "größe"\nmake\n'],
  env: new Map([
    ['PATH', '/store/00000000000000000000000000000000-bash/bin'],
    ['empty', ''],
  ]),
  shell: '/store/00000000000000000000000000000000-bash/bin/bash',
  user: 'root',
  epoch: { kind: 'sources' },
  tracer: new Map([['directories', 'reversed']]),
  inputs: new Map([
    [somePath('gcc.drv', '2'), new Set(['out', 'lib'])],
    [somePath('bash.drv', '1'), new Set(['out'])],
  ]),
  sources: new Set([somePath('fix.patch', '3')]),
  outputs: new Map([
    ['out', { kind: 'input-addressed' }],
    ['dev', { kind: 'input-addressed' }],
  ]),
  ...fields,
})
