import { realise } from '../../builder/index.js'
import { formatStorePath } from '../../store/index.js'
import { defineCommand } from '../command.js'
import { runInStore } from '../enter.js'
import { lowerPackage } from '../objects.js'
import { buildOptions, readSettings } from '../settings.js'

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
    const { found, lowering, lowered } = await lowerPackage(context, args.words[0]!)
    await realise(await context.builder(readSettings(args)), [{ lowered, outputs: found.outputs }], lowering)
    const { name, meta } = found.package
    const object = formatStorePath(lowered.outputs.get(found.outputs[0]!)!)
    const command = `${object}/bin/${meta.mainProgram ?? name}`
    process.exitCode = await runInStore(context, { command, args: args.rest, env: context.env })
  },
})
