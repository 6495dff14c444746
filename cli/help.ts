import { catalogue } from './catalogue.js'
import type { Command, Options } from './command.js'

/** The options that every command understands. */
export const commonOptions = {
  json: { type: 'boolean', describe: 'Print one JSON document' },
  quiet: { alias: 'q', type: 'boolean', describe: 'Print no progress' },
  verbose: { alias: 'v', type: 'boolean', describe: 'Print build logs as they come' },
  'print-build-logs': { alias: 'L', type: 'boolean', describe: 'The same as --verbose' },
  help: { alias: 'h', type: 'boolean', describe: 'Explain the command' },
} as const

/** The page of `store --help`. */
export function generalHelp(): string {
  const groups = Object.entries(catalogue).map(([task, commands]) => {
    const width = Math.max(...commands.map(({ name }) => name.length))
    const describeWidth = Math.max(...commands.map(({ describe }) => describe.length))
    const rows = commands.map(
      ({ name, describe, example }) =>
        `  ${name.padEnd(Math.max(width, 11))}  ${describe.padEnd(Math.max(describeWidth, 32))}  ${example}`,
    )
    return `${task}:\n${rows.join('\n')}`
  })
  return `store builds packages from source, in sandboxes that hold nothing undeclared.

Usage: store COMMAND [OPTIONS]

${groups.join('\n\n')}

store COMMAND --help explains the options of a command; store --version prints the version.
`
}

/** The page of `store COMMAND --help`. */
export function commandHelp(command: Command): string {
  const options: Options = { ...command.options, ...commonOptions }
  const rows = Object.entries(options).map(([name, { alias, type, describe }]) => {
    const value = type === 'boolean' ? '' : type === 'number' ? ' N' : ' TEXT'
    return [`${alias ? `-${alias}, ` : '    '}--${name}${value}`, describe] as const
  })
  const width = Math.max(...rows.map(([left]) => left.length))
  return `${command.describe}.

Usage: store ${command.usage}

Examples:
${command.examples.map(([line, meaning]) => `  ${line}\n      ${meaning}`).join('\n')}

Options:
${rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n')}
`
}
