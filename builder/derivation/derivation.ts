import type { Digest, Method, StorePath } from '../../store/index.js'

/** Everything that determines a build, and nothing else. */
export interface Derivation {
  readonly name: string
  readonly system: string
  /** The version of everything this program contributes, one of `worlds`. */
  readonly world: string
  /** A program in the sandbox, or a builtin (`builtin:fetch`), which this program runs. */
  readonly builder: string
  readonly args: readonly string[]
  readonly env: ReadonlyMap<string, string>
  /** What `/bin/sh` is in the sandbox; empty when there is none. */
  readonly shell: string
  readonly user: 'root' | 'unprivileged'
  readonly epoch: EpochRule
  /** Settings of the tracer that differ from its defaults. */
  readonly tracer: ReadonlyMap<string, string>
  /** Derivations to build first, with the outputs used of each. */
  readonly inputs: ReadonlyMap<StorePath, ReadonlySet<string>>
  readonly sources: ReadonlySet<StorePath>
  readonly outputs: ReadonlyMap<string, Output>
}

export type Output =
  | { readonly kind: 'input-addressed' }
  | { readonly kind: 'fixed'; readonly method: Method; readonly digest: Digest }

/** Where the build's time comes from: the newest time in its sources' archives, or declared seconds since 1970. */
export type EpochRule = { readonly kind: 'sources' } | { readonly kind: 'fixed'; readonly seconds: number }

/** A derivation under its store path, with its hash and the paths of its outputs. */
export interface Lowered {
  readonly path: StorePath
  readonly derivation: Derivation
  /** The hash modulo fixed outputs, which names the outputs. */
  readonly hash: Digest
  readonly outputs: ReadonlyMap<string, StorePath>
}
