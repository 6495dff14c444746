import { CanonicalReader, type Digest, parseDigest, parseStorePath } from '../../store/index.js'
import type { Derivation, EpochRule, Output } from './derivation.js'

/** Reads a derivation as `encodeDerivation` wrote it; `what` names it in errors. */
export function decodeDerivation(bytes: Uint8Array, what: string): Derivation {
  const r = new CanonicalReader(bytes, what)
  if (r.format !== 'derivation-1') r.fail(`its format is "${r.format}"`)
  const drv: Derivation = {
    name: r.string(),
    system: r.string(),
    world: r.string(),
    builder: r.string(),
    args: r.list(() => r.string()),
    env: r.map(() => r.string()),
    shell: r.string(),
    user: readUser(r),
    epoch: readEpoch(r),
    tracer: r.map(() => r.string()),
    inputs: readInputs(r),
    sources: r.set(parseStorePath),
    outputs: r.map(() => readOutput(r)),
  }
  r.finish()
  return drv
}

const readInputs = (r: CanonicalReader): Derivation['inputs'] =>
  new Map([...r.map(() => r.set(name => name))].map(([path, outputs]) => [parseStorePath(path), outputs]))

function readUser(r: CanonicalReader): Derivation['user'] {
  const user = r.string()
  return user === 'root' || user === 'unprivileged' ? user : r.fail(`unknown user "${user}"`)
}

function readEpoch(r: CanonicalReader): EpochRule {
  const epoch = r.string()
  if (epoch === 'sources') return { kind: 'sources' }
  return /^(0|[1-9][0-9]{0,14})$/.test(epoch)
    ? { kind: 'fixed', seconds: Number(epoch) }
    : r.fail(`unknown epoch rule "${epoch}"`)
}

function readOutput(r: CanonicalReader): Output {
  const kind = r.string()
  if (kind === 'input-addressed') return { kind }
  if (kind !== 'fixed') return r.fail(`unknown kind of output "${kind}"`)
  const method = r.string()
  if (method !== 'flat' && method !== 'nar') return r.fail(`unknown method "${method}"`)
  return { kind, method, digest: readDigest(r) }
}

function readDigest(r: CanonicalReader): Digest {
  const [algorithm, hex] = [r.string(), r.string()]
  const digest = parseDigest(`${algorithm}:${hex}`)
  return digest.hex === hex ? digest : r.fail('a hash is not in lower-case hex')
}
