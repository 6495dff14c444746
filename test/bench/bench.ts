import type { CommandOptions } from './command.js'

/** One way to do what a bench measures. */
export type Variant = MeasuredVariant | MissingVariant

export interface MeasuredVariant {
  readonly name: string
  /** Made ready again before each run; takes no part in the time. */
  readonly reset?: () => Promise<void>
  /** What is timed. Answers the peak memory of the process it started, in bytes. */
  readonly run: () => Promise<number>
  /** How many times as long as this variant the first one may take at most. */
  readonly goal?: number
  /** How much memory this variant may hold at most, in bytes. */
  readonly memoryGoal?: number
}

/** What commands may hold: those that build, and those that lower a whole channel. */
export const BUILD_MEMORY = 200e6
export const LOWERING_MEMORY = 500e6

export interface VariantOptions extends Pick<CommandOptions, 'stdin' | 'stdout'> {
  readonly reset?: () => Promise<void>
}

/** What this machine cannot measure, and why. */
export interface MissingVariant {
  readonly name: string
  readonly missing: string
}

/** A question with an answer in milliseconds. Its first variant is what the others are compared with. */
export interface Bench {
  readonly name: string
  readonly question: string
  prepare(bench: Workbench): Promise<readonly Variant[]>
}

/** What every bench may use. */
export interface Workbench {
  /** A directory on the file system that is measured. */
  readonly directory: string
  /** The root of a store in which hello is built. */
  readonly root: string
  readonly nix: Nix
}

/** The Nix of this machine, with a store of its own, or why there is none. */
export type Nix =
  | {
      readonly kind: 'there'
      readonly version: string
      /** A variant that runs a Nix program on a store of its own. */
      variant(program: string, args: () => readonly string[], options?: VariantOptions): MeasuredVariant
      /** Where its store lies. */
      readonly root: string
    }
  | { readonly kind: 'missing'; readonly why: string }

/** The variant `make` gives when Nix is there, or the reason why it is not measured. */
export const withNix = (
  nix: Nix,
  name: string,
  make: (nix: Extract<Nix, { kind: 'there' }>) => Variant,
): Variant => (nix.kind === 'there' ? make(nix) : { name, missing: nix.why })
