import { realise, type Target } from '../../builder/index.js'
import { formatStorePath } from '../../store/index.js'
import { defineCommand } from '../command.js'
import { runInStore } from '../enter.js'
import { lowerPackages } from '../objects.js'
import { buildOptions, readSettings } from '../settings.js'
import { pureEnvironment, withPackages } from '../variables.js'

export const command = defineCommand({
  usage: 'shell PKG... [-- COMMAND...]',
  describe: 'Start a shell, or a command, in which packages are on PATH',
  examples: [
    ['store shell zlib:dev gcc', 'the shell in $SHELL, with these packages'],
    ['store shell --pure jq -- jq --version', 'a command that finds nothing else'],
  ],
  words: [1, Number.POSITIVE_INFINITY],
  takesRest: true,
  options: {
    ...buildOptions,
    pure: { type: 'boolean', describe: 'Keep nothing of the environment but HOME, USER and the terminal' },
  },
  async run(context, args) {
    const { packages, sources } = await lowerPackages(context, args.words)
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
