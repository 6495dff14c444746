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

/** The options of a command, by their long names. */
export type Options = Readonly<
  Record<
    string,
    {
      readonly type: 'boolean' | 'string' | 'number'
      /** Its one letter. */
      readonly alias?: string
      /** It may be given several times, and all count. */
      readonly array?: boolean
      readonly describe: string
    }
  >
>

/** A command parses, calls and returns; `run` prints what it returned. */
export interface Command<Data = unknown> {
  /** As the help shows it: `build PKG...`. */
  readonly usage: string
  readonly describe: string
  readonly examples: readonly (readonly [command: string, meaning: string])[]
  readonly options?: Options
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
