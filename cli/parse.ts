import type { Options } from 'yargs'
import type { Arguments, Command } from './command.js'
import { Usage } from './errors.js'
import { commonOptions } from './help.js'

/** Reads the words after the command's name. Unknown options are refused. */
export async function parseArguments(command: Command, argv: readonly string[]): Promise<Arguments> {
  const [own, rest] = splitRest(command, argv)
  const { default: yargs } = await import('yargs')
  const parser = yargs()
    .help(false)
    .version(false)
    .options(needingValues({ ...commonOptions, ...command.options }))
    .exitProcess(false)
    .strictOptions()
    .parserConfiguration({
      'parse-positional-numbers': false,
      'duplicate-arguments-array': true,
      'greedy-arrays': false,
      'camel-case-expansion': false,
      'boolean-negation': false,
    })
    .fail((message, error) => {
      throw new Usage(describeMistake(message ?? error.message), {
        hint: `See: store ${command.usage.split(' ')[0]} --help`,
      })
    })
  const parsed = await parser.parse([...own])
  const words = [...parsed._.map(String), ...(command.passesOn || command.takesRest ? [] : rest)]
  const [least, most] = command.words
  if (parsed.help !== true && (words.length < least || words.length > most)) {
    const name = command.usage.split(' ')[0]
    throw new Usage(
      words.length < least ? `"store ${name}" needs more words` : `"${words[most]}" is one word too many`,
      { hint: `Usage: store ${command.usage}` },
    )
  }
  return { words, rest, ...readers(parsed) }
}

/** What yargs says, in our words. */
const describeMistake = (message: string): string =>
  message
    .replace(/^Not enough arguments following: (.*)$/, '--$1 needs a value')
    .replace(/^Unknown arguments?: ([^,]*).*$/, (_, name) =>
      name.length === 1 ? `There is no option "-${name}"` : `There is no option "--${name}"`,
    )

/** An option that is no switch means nothing without its value. Numbers are read here: yargs takes '' for 0. */
const needingValues = (options: Readonly<Record<string, Options>>): Record<string, Options> =>
  Object.fromEntries(
    Object.entries(options).map(([name, { type = 'string', ...option }]) => [
      name,
      type === 'boolean' ? { ...option, type } : { ...option, type: 'string', requiresArg: true },
    ]),
  )

function readers(parsed: Readonly<Record<string, unknown>>): Omit<Arguments, 'words' | 'rest'> {
  return {
    flag: name => last(parsed[name]) === true,
    text: name => {
      const value = last(parsed[name])
      if (value === '') throw new Usage(`--${name} needs a value`)
      return typeof value === 'string' ? value : undefined
    },
    texts: name => {
      const value = parsed[name]
      return Array.isArray(value) ? value.map(String) : []
    },
    count: name => {
      const value = last(parsed[name])
      if (value === undefined) return undefined
      if (typeof value === 'string' && /^\d{1,15}$/.test(value)) return Number(value)
      throw new Usage(`--${name} needs a whole number`)
    },
  }
}

/** An option given several times means what was said last. */
const last = (value: unknown): unknown => (Array.isArray(value) ? value.at(-1) : value)

/** The command's own words, and those for a program it starts: after `--`, or after the first word. */
function splitRest(command: Command, argv: readonly string[]): [readonly string[], readonly string[]] {
  const dashes = argv.indexOf('--')
  if (!command.passesOn) return dashes < 0 ? [argv, []] : [argv.slice(0, dashes), argv.slice(dashes + 1)]
  const word = argv.findIndex(argument => !argument.startsWith('-'))
  const end = word < 0 ? argv.length : word + 1
  if (dashes >= 0 && dashes <= end) return [argv.slice(0, dashes), argv.slice(dashes + 1)]
  return [argv.slice(0, end), argv.slice(end)]
}
