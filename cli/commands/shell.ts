import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import {
  BUILD_SCRIPT,
  enterBuild,
  realise,
  type Sources,
  type Suspension,
  type Target,
  workOf,
} from '../../builder/index.js'
import { formatStorePath } from '../../store/index.js'
import { type Arguments, defineCommand } from '../command.js'
import type { Context } from '../context.js'
import { runInStore } from '../enter.js'
import { Usage } from '../errors.js'
import { type LoweredPackage, lowerPackages } from '../objects.js'
import { buildOptions, readSettings } from '../settings.js'
import { pureEnvironment, withPackages } from '../variables.js'

export const command = defineCommand({
  usage: 'shell PKG... [-- COMMAND...] | --build PKG',
  describe: 'Start a shell, or a command, in which packages are on PATH',
  examples: [
    ['store shell zlib:dev gcc', 'the shell in $SHELL, with these packages'],
    ['store shell --build hello', 'the sandbox in which hello is built, to try its build by hand'],
    ['store shell --pure jq -- jq --version', 'a command that finds nothing else'],
  ],
  words: [1, Number.POSITIVE_INFINITY],
  takesRest: true,
  options: {
    ...buildOptions,
    build: { type: 'boolean', describe: 'Start the shell of a build in its sandbox, as the build has it' },
    kept: { type: 'string', describe: 'With --build: begin with the files of a kept directory' },
    pure: { type: 'boolean', describe: 'Keep nothing of the environment but HOME, USER and the terminal' },
  },
  async run(context, args) {
    const { packages, sources } = await lowerPackages(context, args.words)
    if (args.flag('build')) return enterSandbox(context, args, packages, sources)
    const targets: Target[] = packages.map(({ found, lowered }) => ({ lowered, outputs: found.outputs }))
    await realise(await context.builder(readSettings(args)), targets, sources)
    const objects = packages.map(({ found, lowered }) => ({
      searchPaths: found.package.searchPaths,
      paths: found.outputs.map(name => formatStorePath(lowered.outputs.get(name)!)),
    }))
    const env = withPackages(args.flag('pure') ? pureEnvironment(context.env) : context.env, objects)
    const [command = context.env.SHELL ?? '/bin/sh', ...rest] = args.rest
    process.exitCode = await runInStore(context, { command, args: rest, env })
  },
})

async function enterSandbox(
  context: Context,
  args: Arguments,
  packages: readonly LoweredPackage[],
  sources: Sources,
): Promise<void> {
  const [only, ...others] = packages
  if (!only || others.length > 0 || args.rest.length > 0)
    throw new Usage('--build takes one package and no command', { hint: 'Usage: store shell --build PKG' })
  const { lowered, found } = only
  if (workOf(lowered) !== 'build')
    throw new Usage(`"${found.package.name}" is not built in a sandbox`, {
      hint: `It is fetched or unpacked as it is: store build ${found.package.name}`,
    })
  const builder = await context.builder(readSettings(args))
  const kept = await readKept(args, context.cwd)
  const terminal = process.stdin.isTTY && process.stdout.isTTY ? joinTerminal(builder.suspension) : undefined
  try {
    process.exitCode = await enterBuild(builder, { lowered, outputs: found.outputs }, sources, {
      input: process.stdin,
      terminal,
      output: chunk => void process.stdout.write(chunk),
      kept,
      onReady: () => {
        context.note(`the build runs ${BUILD_SCRIPT}; nothing that is made here is kept`)
        terminal?.begin()
      },
    })
  } finally {
    terminal?.end()
    // A terminal that nobody reads any more would keep the command from ending.
    process.stdin.destroy()
  }
}

/** The terminal of this command, on which from `begin` to `end` all keys mean what the shell in the sandbox says. */
function joinTerminal(suspension: Suspension) {
  const { stdin, stdout } = process
  let stopListening = (): void => undefined
  return {
    fd: stdin.fd,
    onResize: (listener: () => void) => {
      stdout.on('resize', listener)
      return () => void stdout.off('resize', listener)
    },
    begin: () => {
      stdin.setRawMode(true)
      stopListening = suspension.listen(isSuspended => stdin.setRawMode(!isSuspended))
    },
    end: () => {
      stopListening()
      stdin.setRawMode(false)
    },
  }
}

async function readKept(args: Arguments, cwd: string): Promise<string | undefined> {
  const text = args.text('kept')
  if (text === undefined) return undefined
  const folder = resolve(cwd, text)
  const found = await stat(folder).catch(() => undefined)
  if (found?.isDirectory()) return folder
  throw new Usage(`--kept names "${text}", which is no directory`, {
    hint: 'A failed build is kept with: store build --keep-failed PKG',
  })
}
