import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { realise } from '../../builder/index.js'
import { formatStorePath, STORE_DIRECTORY } from '../../store/index.js'
import { defineCommand } from '../command.js'
import type { Context } from '../context.js'
import { lowerPackage } from '../objects.js'
import { buildOptions, readSettings } from './build.js'

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
    const program = `${formatStorePath(lowered.outputs.get(found.outputs[0]!)!)}/bin/${meta.mainProgram ?? name}`
    process.exitCode = await runProgram(context, program, args.rest)
  },
})

/** Runs a program of the store with `/store` in place and gives its exit status, as a shell does. */
async function runProgram(context: Context, program: string, args: readonly string[]): Promise<number> {
  const store = await context.store()
  await store.suspend()
  const inPlace = store.objects === STORE_DIRECTORY
  const [command, ...words] = inPlace
    ? [program, ...args]
    : [context.programs.sandbox, 'enter', '--store', store.objects, '--', program, ...args]
  const child = spawn(command!, words, { stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (status, signal) => resolve(status ?? 128 + constants.signals[signal!]))
  })
}
