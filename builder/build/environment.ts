import { formatStorePath, type StorePath } from '../../store/index.js'
import type { Lowered } from '../derivation/derivation.js'

/** The working directory of every build, empty at its start. */
export const BUILD_DIRECTORY = '/tmp/guix-build-0'

/** What every build of the world `linux-1` has in its environment, unless its recipe says otherwise. */
const fixed: ReadonlyMap<string, string> = new Map([
  ['HOME', '/homeless-shelter'],
  ['LC_ALL', 'C.UTF-8'],
  ['PATH', '/path-not-set'],
  ['TAR_OPTIONS', '--no-same-owner'],
  ['TEMP', BUILD_DIRECTORY],
  ['TMP', BUILD_DIRECTORY],
  ['TMPDIR', BUILD_DIRECTORY],
  ['TZ', 'UTC'],
])

export interface HostChoices {
  /** Seconds since 1970, computed from the build's sources. */
  readonly epoch: number
  /** How many processes a build should use. It must not change what is built. */
  readonly cores: number
}

/** The whole environment of a build: fixed, then the recipe's, then its outputs; nothing of the caller's. */
export function buildEnvironment(
  { derivation, outputs }: Lowered,
  { epoch, cores }: HostChoices,
): Map<string, string> {
  return new Map([
    ...fixed,
    ['SOURCE_DATE_EPOCH', String(epoch)],
    ['STORE_CORES', String(cores)],
    ...derivation.env,
    ...[...outputs].map(([name, path]): [string, string] => [name, formatStorePath(path)]),
  ])
}

/** The store paths a build may mention: its inputs' closure and its own outputs. */
export const possibleReferences = (
  closure: Iterable<StorePath>,
  { outputs }: Lowered,
): ReadonlySet<StorePath> => new Set([...closure, ...outputs.values()])
