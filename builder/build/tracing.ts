import { StoreError } from '../../store/index.js'
import type { Lowered } from '../derivation/derivation.js'
import { worlds } from '../derivation/worlds.js'
import { firstEpoch } from '../fetch/epoch.js'
import type { TracerSettings } from '../sandbox/spec.js'

/** How the builds of a command are traced. Whatever is not as declared makes a result that nobody registers. */
export type Tracing =
  | { readonly kind: 'declared' }
  | { readonly kind: 'off' }
  /** With other values than the declared ones, to find out what they change. */
  | { readonly kind: 'varied'; readonly settings: TracerSettings }

/** Hex digits of a seed. */
const SEED = 32

/** What the tracer is told of a build; `undefined` when it is to leave it alone. */
export function tracerSettings(
  { derivation, hash }: Lowered,
  epoch: number,
  tracing: Tracing,
): TracerSettings | undefined {
  if (tracing.kind === 'off' || !worlds[derivation.world]?.traced) return undefined
  return new Map([
    ['epoch', String(epoch)],
    ['seed', hash.hex.slice(0, SEED)],
    ...derivation.tracer,
    ...(tracing.kind === 'varied' ? tracing.settings : []),
  ])
}

/** The values that can be varied, and how each is written. Classes can also be left to the host. */
const variable: Readonly<Record<string, RegExp>> = {
  epoch: /^[0-9]{1,10}$/,
  seed: /^[0-9a-f]{32}$/,
  directory: /^(sorted|reversed|shuffled|host)$/,
  fraction: /^0$/,
  cpus: /^[1-9][0-9]{0,2}$/,
  memory: /^[1-9][0-9]{6,14}$/,
  release: /^[!-~]{1,63}$/,
  hostname: /^[!-~]{1,63}$/,
  clock: /^host$/,
  file: /^host$/,
  random: /^host$/,
  machine: /^host$/,
  usage: /^host$/,
  tsc: /^trap$/,
}

export class BadVariation extends StoreError {
  readonly code = 'BAD_VARIATION'

  constructor(text: string, reason = '') {
    super(`Cannot vary a build by "${text}"${reason}`, {
      hint: 'Write NAME=VALUE, such as epoch=1000000000, directory=reversed, cpus=2, clock=host',
    })
  }
}

/** Parses `NAME=VALUE` words. */
export function parseVariations(texts: readonly string[]): TracerSettings {
  return new Map(
    texts.map((text): [string, string] => {
      const [, name = '', value = ''] = /^([a-z]+)=(.*)$/.exec(text) ?? []
      if (!Object.hasOwn(variable, name) || !variable[name]!.test(value)) throw new BadVariation(text)
      if (name === 'epoch' && Number(value) < firstEpoch)
        throw new BadVariation(text, `: the first epoch of a build is ${firstEpoch}, the beginning of 1980`)
      return [name, value]
    }),
  )
}
