import { join } from 'node:path'
import { firstError, isAbort, systemCode } from '../store/index.js'
import { entries } from './catalogue.js'
import type { Command } from './command.js'
import { makeContext, type Pinned } from './context.js'
import { exitStatus, formatError, Usage } from './errors.js'
import { commandHelp, generalHelp } from './help.js'
import { parseArguments } from './parse.js'
import { inspectTerminal } from './terminal.js'

/** Runs one command line. `dist` is the folder of the built program. Sets the exit status; throws nothing. */
export async function main(argv: readonly string[], dist: string): Promise<void> {
  process.stdout.on('error', error => {
    // Whoever read the result has gone; there is nobody left to tell.
    if (systemCode(error) === 'EPIPE') process.exit(process.exitCode ?? 0)
    // Whatever else a stream fails with that writes here is told by who started it.
    if ('syscall' in error && error.syscall === 'write') ignoreClosed(error)
  })
  process.stderr.on('error', ignoreClosed)
  try {
    await dispatch(argv, dist)
  } catch (wrapped) {
    const error = firstError(wrapped)
    const terminal = inspectTerminal(process.stderr, process.env)
    process.stderr.write(formatError(error, terminal, process.env.STORE_DEBUG === '1'))
    process.exitCode = exitStatus(error)
  }
}

/** That nobody reads what is told does not end the work; when a terminal is closed, its signal decides. */
function ignoreClosed(error: Error): void {
  if (!['EPIPE', 'EIO'].includes(systemCode(error) ?? '')) throw error
}

/** Runs a command; `pinned` says from which commits its recipes come. */
export async function dispatch(argv: readonly string[], dist: string, pinned?: Pinned): Promise<void> {
  const [name, ...words] = argv
  if (name === undefined || ['--help', '-h', 'help'].includes(name)) {
    const about = name === 'help' ? words[0] : undefined
    return void process.stdout.write(
      about === undefined ? generalHelp() : commandHelp(await loadCommand(about)),
    )
  }
  if (name === '--version') return void process.stdout.write(`${await readVersion(dist)}\n`)
  const answers =
    name === 'build' && !pinned
      ? (await import('./answers.js')).answersTo(words, process.env, dist)
      : undefined
  const known = answers?.recall()
  if (known) return void process.stdout.write(`${known.join('\n')}\n`)
  const command = await loadCommand(name)
  const args = parseArguments(command, words)
  if (args.flag('help')) return void process.stdout.write(commandHelp(command))
  await using context = await makeContext(args, dist, pinned, answers)
  const data = await command.run(context, args).catch(async error => {
    if (!isAbort(firstError(error), context.signal)) throw error
    const { Interrupted } = await import('./lazy/mistakes.js')
    throw new Interrupted()
  })
  if (args.flag('json') && data !== undefined) process.stdout.write(`${JSON.stringify(data)}\n`)
  else for (const line of command.print?.(data, args) ?? []) process.stdout.write(`${line}\n`)
}

async function loadCommand(name: string): Promise<Command> {
  const entry = entries.find(candidate => candidate.name === name)
  if (entry) return (await entry.load()).command
  const { closest } = await import('./lazy/mistakes.js')
  const [suggestion] = closest(
    name,
    entries.map(({ name }) => name),
  )
  throw new Usage(`There is no command "${name}"`, {
    hint: suggestion ? `Did you mean: store ${suggestion}?` : 'List the commands with: store --help',
  })
}

async function readVersion(dist: string): Promise<string> {
  const { readFile } = await import('node:fs/promises')
  return JSON.parse(await readFile(join(dist, '..', 'package.json'), 'utf8')).version
}
