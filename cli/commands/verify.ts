import { type Problem, repair, verify } from '../../store/index.js'
import { defineCommand } from '../command.js'
import { plainText } from '../terminal.js'

export const command = defineCommand({
  usage: 'verify',
  describe: 'Look for what is missing, altered or left over in the store, and say what to do about it',
  examples: [
    ['store verify', 'the database, and the size and mode of every file'],
    ['store verify --contents', 'the hash of every object, too'],
    ['store verify --repair', 'set right what needs no rebuilding'],
  ],
  words: [0, 0],
  options: {
    contents: { type: 'boolean', describe: 'Hash every object' },
    repair: { type: 'boolean', describe: 'Repair indices and modes, remove garbage, forget lost links' },
  },
  async run(context, args) {
    const store = await context.store()
    const look = (): Promise<readonly Problem[]> =>
      verify(store, {
        contents: args.flag('contents'),
        signal: context.signal,
        report: step => context.note(step),
      })
    const found = await look()
    if (args.flag('repair') && found.length > 0) await repair(store, found)
    const problems = args.flag('repair') && found.length > 0 ? await look() : found
    if (problems.length > 0) process.exitCode = 1
    return { problems, repaired: found.length - problems.length }
  },
  print: ({ problems }) =>
    problems.map(({ kind, path, detail, remedy }) => plainText(`${kind}: ${path}: ${detail}. ${remedy}`)),
})
