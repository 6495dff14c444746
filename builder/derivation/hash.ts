import {
  CanonicalWriter,
  type Digest,
  digestOf,
  makeDerivationPath,
  makeOutputPath,
  makeSourcePath,
  type StorePath,
} from '../../store/index.js'
import type { Derivation, Lowered, Output } from './derivation.js'
import { encodeDerivation, encodeWithInputs } from './encode.js'

/**
 * Names a derivation and its outputs. Every input is replaced by its hash modulo fixed outputs, and
 * a fixed-output derivation's hash is that of its declared content: where a file is fetched from
 * changes nothing of what is built with it. `inputs` must hold all of `drv.inputs`.
 */
export function nameDerivation(drv: Derivation, inputs: ReadonlyMap<StorePath, Lowered>): Lowered {
  const path = makeDerivationPath(digestOf('blake3', encodeDerivation(drv)), drv.name)
  const fixed = fixedOutput(drv)
  if (fixed) {
    const out = makeSourcePath(fixed.method, fixed.digest, drv.name)
    return { path, derivation: drv, hash: hashFixed(fixed, out), outputs: new Map([['out', out]]) }
  }
  const hash = digestOf('blake3', encodeWithInputs(drv, hashedInputs(drv, inputs)))
  const names = [...drv.outputs.keys()]
  return {
    path,
    derivation: drv,
    hash,
    outputs: new Map(names.map(name => [name, makeOutputPath(hash, name, drv.name)])),
  }
}

/** The one output of a fixed-output derivation, or `undefined`. */
export function fixedOutput(drv: Derivation): Extract<Output, { kind: 'fixed' }> | undefined {
  const outputs = [...drv.outputs]
  const fixed = outputs.find(([, output]) => output.kind === 'fixed')?.[1]
  if (fixed?.kind !== 'fixed') return undefined
  if (outputs.length !== 1 || outputs[0]![0] !== 'out') {
    throw new Error(`The fixed-output derivation "${drv.name}" must have one output, "out"`)
  }
  return fixed
}

function hashFixed(output: Extract<Output, { kind: 'fixed' }>, path: StorePath): Digest {
  const w = new CanonicalWriter('fixed-output-1')
  w.string(output.method)
  w.string(output.digest.algorithm)
  w.string(output.digest.hex)
  w.string(path)
  return digestOf('blake3', w.finish())
}

/** The inputs under their hashes; two derivations that fetch the same bytes become one. */
function hashedInputs(drv: Derivation, inputs: ReadonlyMap<StorePath, Lowered>): Map<string, Set<string>> {
  const hashed = new Map<string, Set<string>>()
  for (const [path, outputs] of drv.inputs) {
    const input = inputs.get(path)
    if (!input) throw new Error(`The derivation "${drv.name}" has an input that was not lowered: ${path}`)
    const known = hashed.get(input.hash.hex) ?? new Set()
    hashed.set(input.hash.hex, known)
    for (const output of outputs) known.add(output)
  }
  return hashed
}
