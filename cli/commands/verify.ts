import type { Remade } from '../../builder/index.js'
import {
  DatabaseDamaged,
  formatStorePath,
  type Problem,
  parseStorePath,
  recoverDatabase,
  repair,
  verify,
} from '../../store/index.js'
import { type Arguments, defineCommand } from '../command.js'
import type { Context } from '../context.js'
import { Usage } from '../errors.js'
import { describeVerification } from '../progress/keeping.js'
import { readSettings } from '../settings.js'
import { plainText } from '../terminal.js'

/** The exit status of the error with that code. */
const NOT_REPRODUCIBLE = 104

export const command = defineCommand({
  usage: 'verify [PKG...]',
  describe: 'Look for what is missing, altered or left over in the store, and say what to do about it',
  examples: [
    ['store verify', 'the database, and the size and mode of every file'],
    ['store verify --contents', 'the hash of every object, too'],
    ['store verify --repair', 'set right what is wrong; objects are built or fetched again'],
    ['store verify --repair hello', 'lost derivations of hello, too, which only its recipe can tell'],
  ],
  words: [0, Number.POSITIVE_INFINITY],
  options: {
    contents: { type: 'boolean', describe: 'Hash every object' },
    repair: {
      type: 'boolean',
      describe: 'Mend records and modes, remove garbage, make again what is lost',
    },
  },
  async run(context, args) {
    if (args.words.length > 0 && !args.flag('repair'))
      throw new Usage('Packages are for repairing', { hint: 'Usage: store verify --repair PKG...' })
    const store = await context.store()
    const look = async (): Promise<readonly Problem[]> => {
      using gauge = await context.gauge()
      return await verify(store, {
        contents: args.flag('contents'),
        signal: context.signal,
        report: progress => gauge.show(() => describeVerification(progress)),
      })
    }
    if (!args.flag('repair')) return result(await look(), 0)
    const found = await look().catch(async error => {
      if (!(error instanceof DatabaseDamaged)) throw error
      await rescue(context)
      return look()
    })
    if (found.length === 0) return result(found, 0)
    await repair(store, found)
    const remade = await remake(context, found, args)
    const failures = new Map(remade.map(({ path, failure }) => [formatStorePath(path), failure]))
    const left = (await look()).map(problem => ({
      ...problem,
      remedy: failures.get(problem.path) ?? problem.remedy,
    }))
    const data = result(left, found.length - left.length)
    if (remade.some(({ differs }) => differs)) process.exitCode = NOT_REPRODUCIBLE
    return data
  },
  print: ({ problems }) =>
    problems.map(({ kind, path, detail, remedy }) => plainText(`${kind}: ${path}: ${detail}. ${remedy}`)),
})

function result(problems: readonly Problem[], repaired: number) {
  if (problems.length > 0) process.exitCode = 1
  return { problems, repaired }
}

/** Makes a database that cannot be used anew. */
async function rescue(context: Context): Promise<void> {
  context.note('the database is damaged: making it anew from what is left of it, and from the objects')
  using gauge = await context.gauge()
  const { aside, recovered, dropped } = await recoverDatabase(
    await context.store(),
    context.signal,
    progress => gauge.show(() => describeVerification(progress)),
  )
  if (aside !== undefined) context.note(`the old one lies in "${aside}" now`)
  context.note(`${recovered.length} records were made anew, ${dropped.length} were dropped`)
}

/** Builds and fetches objects whose files are lost. */
async function remake(
  context: Context,
  problems: readonly Problem[],
  args: Arguments,
): Promise<readonly Remade[]> {
  const lost = problems.filter(({ kind }) => kind === 'missing' || kind === 'altered')
  if (lost.length === 0) return []
  const { remakeObjects, rewriteDerivations } = await import('../../builder/index.js')
  const paths = [...new Set(lost.map(({ path }) => parseStorePath(path.slice('/store/'.length))))]
  if (args.words.length > 0) {
    const { lowerPackages } = await import('../objects.js')
    const { sources } = await lowerPackages(context, args.words)
    await rewriteDerivations(await context.store(), sources)
  }
  return await remakeObjects(await context.builder(readSettings(args)), paths)
}
