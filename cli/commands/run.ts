import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { realise } from '../../builder/index.js'
import { formatStorePath, StoreError } from '../../store/index.js'
import { defineCommand } from '../command.js'
import { runInStore } from '../enter.js'
import { lowerPackages } from '../objects.js'
import { buildOptions, readSettings } from '../settings.js'

export class NoProgram extends StoreError {
  readonly code = 'NO_PROGRAM'

  constructor(text: string, program: string, programs: readonly string[]) {
    super(`The package "${text}" has no program "bin/${program}"`, {
      hint:
        programs.length > 0
          ? `Start one of its programs with: store shell ${text} -- ${programs[0]}; it has ${programs.join(', ')}`
          : 'It has no programs at all; another output of it may',
    })
  }
}

export const command = defineCommand({
  usage: 'run PKG [-- ARGS...]',
  describe: "Run a package's main program, building it first if need be",
  examples: [
    ['store run hello', 'greets'],
    ['store run hello -- --greeting=Hi', 'with arguments for the program'],
  ],
  words: [1, 1],
  passesOn: true,
  options: buildOptions,
  async run(context, args) {
    const { packages, sources } = await lowerPackages(context, [args.words[0]!])
    const { found, lowered } = packages[0]!
    await realise(await context.builder(readSettings(args)), [{ lowered, outputs: found.outputs }], sources)
    const { name, meta } = found.package
    const object = lowered.outputs.get(found.outputs[0]!)!
    const program = meta.mainProgram ?? name
    const programs = await readdir(join((await context.store()).locate(object), 'bin')).catch(
      (): string[] => [],
    )
    if (!programs.includes(program)) throw new NoProgram(args.words[0]!, program, programs)
    const command = `${formatStorePath(object)}/bin/${program}`
    process.exitCode = await runInStore(context, { command, args: args.rest, env: context.env })
  },
})
