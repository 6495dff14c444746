import type { Options } from 'yargs'
import type { Context } from './context.js'

/** The parsed words of a command line. */
export interface Arguments {
  /** Those without a dash, before `--`. */
  readonly words: readonly string[]
  /** Those after `--`. */
  readonly rest: readonly string[]
  flag(name: string): boolean
  text(name: string): string | undefined
  /** Every value of an option that may be given several times. */
  texts(name: string): readonly string[]
  /** A whole number that is not negative. */
  count(name: string): number | undefined
}

/** A command parses, calls and returns; `run` prints what it returned. */
export interface Command<Data = unknown> {
  /** As the help shows it: `build PKG...`. */
  readonly usage: string
  readonly describe: string
  readonly examples: readonly (readonly [command: string, meaning: string])[]
  readonly options?: Readonly<Record<string, Options>>
  /** How many words it takes. */
  readonly words: readonly [least: number, most: number]
  /** Words after the first are passed on untouched, as a program's arguments. */
  readonly passesOn?: boolean
  /** Words after `--` are a program's; else they are words like the others. */
  readonly takesRest?: boolean
  run(context: Context, args: Arguments): Promise<Data>
  /** The data as lines for people and scripts; without it the command prints by itself. */
  print?(data: Data, args: Arguments): Iterable<string>
}

/** A command, with its data's type inferred. */
export const defineCommand = <Data>(command: Command<Data>): Command<Data> => command
