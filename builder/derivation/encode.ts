import { CanonicalWriter, type StorePath } from '../../store/index.js'
import type { Derivation, EpochRule, Output } from './derivation.js'

/** The one serialisation of a derivation. Its bytes are hashed: a change here renames every output. */
export const encodeDerivation = (drv: Derivation): Uint8Array => encodeWithInputs(drv, drv.inputs)

/** The encoding with other names for the inputs, as the hash modulo fixed outputs needs it. */
export function encodeWithInputs(
  drv: Derivation,
  inputs: ReadonlyMap<StorePath | string, ReadonlySet<string>>,
): Uint8Array {
  const w = new CanonicalWriter('derivation-1')
  w.string(drv.name)
  w.string(drv.system)
  w.string(drv.world)
  w.string(drv.builder)
  w.list(drv.args, arg => w.string(arg))
  w.map(drv.env, value => w.string(value))
  w.string(drv.shell)
  w.string(drv.user)
  w.string(encodeEpoch(drv.epoch))
  w.map(drv.tracer, value => w.string(value))
  w.map(inputs, outputNames => w.set(outputNames))
  w.set(drv.sources)
  w.map(drv.outputs, output => writeOutput(w, output))
  return w.finish()
}

const encodeEpoch = (epoch: EpochRule): string =>
  epoch.kind === 'sources' ? 'sources' : String(epoch.seconds)

function writeOutput(w: CanonicalWriter, output: Output): void {
  w.string(output.kind)
  if (output.kind === 'input-addressed') return
  w.string(output.method)
  w.string(output.digest.algorithm)
  w.string(output.digest.hex)
}
