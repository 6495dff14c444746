import { crc32 } from 'node:zlib'
import type { StorePath } from '../../store/index.js'

/** An unprivileged user of this machine, as whom a build of root's runs. */
export interface HostUser {
  readonly uid: number
  readonly gid: number
}

/** One object a build may see: its name in the store, and where it lies on this machine. */
export interface SandboxInput {
  readonly path: StorePath
  readonly host: string
}

/** Everything the sandbox is made of. Nothing of the caller's environment is added to it. */
export interface SandboxSpec {
  /** An existing, empty directory of mode 0700 on the objects' file system; `store` and `tmp` are made in it. */
  readonly staging: string
  readonly inputs: readonly SandboxInput[]
  /** The path of the program to run, as the build sees it. */
  readonly builder: string
  readonly args: readonly string[]
  readonly env: ReadonlyMap<string, string>
  readonly user: 'root' | 'unprivileged'
  /** Needed by root; an ordinary user's builds run as that user. */
  readonly hostUser: HostUser | undefined
  /** Where `/bin/sh` leads, or no `/bin/sh`. */
  readonly shell: string | undefined
  /** Whether the builder has a terminal of its own, joined to that of the caller; otherwise it has none, and no input. */
  readonly terminal?: boolean
  /** What the tracer is told, by name; `undefined` for a build that it leaves alone. */
  readonly tracer: TracerSettings | undefined
}

/**
 * Settings of the tracer, as `builder/native/tracer/settings.h` lists them: classes left to the host (`clock: 'host'`),
 * and values (`epoch`, `seed`, `directory`, `fraction`, `cpus`, ...).
 */
export type TracerSettings = ReadonlyMap<string, string>

const VERSION = 'store-sandbox-spec-1'

/**
 * The bytes that `sandbox build` reads: strings that each end with NUL. First the version, the CRC-32 of all
 * that follows as eight hex digits, then operations with their arguments, last `end`. Throws on a NUL in a value.
 */
export function encodeSpec(spec: SandboxSpec): Buffer {
  const body = encodeStrings([...operations(spec), ['end']].flat())
  const sum = crc32(body).toString(16).padStart(8, '0')
  return Buffer.concat([encodeStrings([VERSION, sum]), body])
}

function* operations(spec: SandboxSpec): Generator<readonly string[]> {
  yield ['staging', spec.staging]
  for (const { path, host } of spec.inputs) yield ['input', path, host]
  yield ['user', spec.user]
  if (spec.hostUser) yield ['host-user', String(spec.hostUser.uid), String(spec.hostUser.gid)]
  if (spec.shell !== undefined) yield ['shell', spec.shell]
  yield ['builder', spec.builder]
  if (spec.terminal) yield ['terminal']
  for (const arg of spec.args) yield ['arg', arg]
  for (const [name, value] of spec.env) yield ['env', `${name}=${value}`]
  for (const [name, value] of spec.tracer ?? []) yield ['tracer', name, value]
}

function encodeStrings(strings: readonly string[]): Buffer {
  const bad = strings.find(string => string.includes('\0'))
  if (bad !== undefined) throw new Error(`A build cannot be given a NUL character: ${JSON.stringify(bad)}`)
  return Buffer.from(strings.map(string => `${string}\0`).join(''))
}
