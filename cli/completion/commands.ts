import { entries } from '../catalogue.js'
import type { Options } from '../command.js'
import { commonOptions } from '../help.js'

/** What a shell is told of a command. */
export interface Completed {
  readonly name: string
  readonly describe: string
  /** The words that may come first: tasks of a command that has several. */
  readonly tasks: readonly string[]
  /** Whether its other words are packages, beside files. */
  readonly takesPackages: boolean
  readonly options: readonly CompletedOption[]
}

export interface CompletedOption {
  readonly name: string
  readonly alias: string | undefined
  readonly describe: string
  readonly takesValue: boolean
}

/** Every command with its options, from the table that the command line itself is read by. */
export const describeCommands = (): Promise<readonly Completed[]> =>
  Promise.all(
    entries.map(async ({ name, describe, load }) => {
      const { command } = await load()
      const words = command.usage.slice(name.length)
      return {
        name,
        describe,
        tasks: tasksOf(words),
        takesPackages: /\bPKG\b/.test(words) || name === 'gc',
        options: Object.entries({ ...command.options, ...commonOptions }).map(describeOption),
      }
    }),
  )

/** `bash|zsh|fish`, or `list | add NAME | remove NAME`. */
const tasksOf = (words: string): readonly string[] =>
  words
    .split('|')
    .map(part => part.trim().split(' ')[0]!)
    .filter(word => /^[a-z]+$/.test(word))

function describeOption([name, option]: readonly [string, Options[string]]): CompletedOption {
  const { alias, describe, type } = option
  return { name, alias, describe, takesValue: type !== 'boolean' }
}
