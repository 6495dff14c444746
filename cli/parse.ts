import { parseArgs } from 'node:util'
import type { Arguments, Command, Options } from './command.js'
import { Usage } from './errors.js'
import { commonOptions } from './help.js'

/** What was said of each option, in order; a switch was said `true`. */
type Said = ReadonlyMap<string, readonly (string | true)[]>

/** Reads the words after the command's name. Unknown options are refused. */
export function parseArguments(command: Command, argv: readonly string[]): Arguments {
  const options: Options = { ...commonOptions, ...command.options }
  const [own, rest] = splitRest(command, options, argv)
  const { tokens, positionals } = parseArgs({
    args: [...own],
    options: Object.fromEntries(Object.entries(options).map(([name, option]) => [name, parsed(option)])),
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  const said = new Map<string, (string | true)[]>()
  for (const token of tokens) if (token.kind === 'option') note(said, token, options, command)
  const words = [...positionals, ...(command.passesOn || command.takesRest ? [] : rest)]
  const [least, most] = command.words
  if (!said.has('help') && (words.length < least || words.length > most)) {
    const name = nameOf(command)
    throw new Usage(
      words.length < least ? `"store ${name}" needs more words` : `"${words[most]}" is one word too many`,
      { hint: `Usage: store ${command.usage}` },
    )
  }
  return { words, rest, ...readers(said, command) }
}

const nameOf = ({ usage }: Command): string => usage.split(' ')[0]!

const seeHelp = (command: Command) => ({ hint: `See: store ${nameOf(command)} --help` })

const parsed = ({ type, alias }: Options[string]) =>
  ({ type: type === 'boolean' ? type : 'string', ...(alias && { short: alias }) }) as const

/** An option as it stands in the line: `-n`, `--name VALUE`, `--name=VALUE`. */
interface OptionToken {
  readonly name: string
  readonly rawName: string
  readonly value?: string | undefined
  readonly inlineValue?: boolean | undefined
}

function note(
  said: Map<string, (string | true)[]>,
  { name, rawName, value, inlineValue }: OptionToken,
  options: Options,
  command: Command,
): void {
  const option = Object.hasOwn(options, name) ? options[name] : undefined
  if (!option) throw new Usage(`There is no option "${rawName}"`, seeHelp(command))
  const takesValue = option.type !== 'boolean'
  if (!takesValue && value !== undefined) throw new Usage(`${rawName} takes no value`, seeHelp(command))
  // What looks like the next option is no value, unless it was written with an equals sign.
  if (takesValue && (value === undefined || (!inlineValue && value.startsWith('--'))))
    throw new Usage(`--${name} needs a value`, seeHelp(command))
  said.set(name, [...(said.get(name) ?? []), value ?? true])
}

function readers(said: Said, command: Command): Omit<Arguments, 'words' | 'rest'> {
  // An option given several times means what was said last.
  const last = (name: string): string | true | undefined => said.get(name)?.at(-1)
  return {
    flag: name => last(name) === true,
    text: name => {
      const value = last(name)
      if (value === '') throw new Usage(`--${name} needs a value`, seeHelp(command))
      return value === true ? undefined : value
    },
    texts: name => (said.get(name) ?? []).map(String),
    count: name => {
      const value = last(name)
      if (value === undefined) return undefined
      if (typeof value === 'string' && /^\d{1,15}$/.test(value)) return Number(value)
      throw new Usage(`--${name} needs a whole number`, seeHelp(command))
    },
  }
}

/** The command's own words, and those for a program it starts: after `--`, or after the first word. */
function splitRest(
  command: Command,
  options: Options,
  argv: readonly string[],
): [readonly string[], readonly string[]] {
  const dashes = argv.indexOf('--')
  if (!command.passesOn) return dashes < 0 ? [argv, []] : [argv.slice(0, dashes), argv.slice(dashes + 1)]
  const word = argv.findIndex(
    (argument, i) => !argument.startsWith('-') && !(i > 0 && awaitsValue(argv[i - 1]!, options)),
  )
  const end = word < 0 ? argv.length : word + 1
  if (dashes >= 0 && dashes <= end) return [argv.slice(0, dashes), argv.slice(dashes + 1)]
  return [argv.slice(0, end), argv.slice(end)]
}

/** Whether an argument is an option whose value is the next one; switches of one letter can stand before it. */
function awaitsValue(argument: string, options: Options): boolean {
  const all = Object.entries(options)
  if (argument.startsWith('--'))
    return all.some(([name, { type }]) => type !== 'boolean' && argument === `--${name}`)
  const isSwitch = (letter: string): boolean =>
    all.some(([, { type, alias }]) => alias === letter && type === 'boolean')
  const [last = '', ...switches] = [...argument.slice(1)].toReversed()
  return all.some(([, { type, alias }]) => alias === last && type !== 'boolean') && switches.every(isSwitch)
}
