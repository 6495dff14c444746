import { availableParallelism } from 'node:os'
import {
  type BuildSettings,
  check,
  makePlan,
  realise,
  type Sources,
  type Target,
  workOf,
  writeDerivations,
} from '../../builder/index.js'
import { formatStorePath } from '../../store/index.js'
import { type Arguments, defineCommand } from '../command.js'
import type { Context } from '../context.js'
import { Usage } from '../errors.js'
import { lowerPackage } from '../objects.js'

/** The options of every command that builds what it needs. */
export const buildOptions = {
  jobs: { alias: 'j', type: 'number', describe: 'Build at most N packages at once' },
  cores: { type: 'number', describe: 'Let each build use N processors' },
  timeout: { type: 'number', describe: 'End a build after N seconds' },
  'max-silent-time': { type: 'number', describe: 'End a build that prints nothing for N seconds' },
  'keep-going': { alias: 'k', type: 'boolean', describe: 'Go on with what a failure does not touch' },
  'keep-failed': { alias: 'K', type: 'boolean', describe: 'Keep the directory of a failed build' },
} as const

/** Asked for, and where it will lie. */
interface Wanted {
  readonly target: Target
  readonly sources: Sources
}

export const command = defineCommand({
  usage: 'build PKG...',
  describe: 'Make packages, from source, and print their store paths',
  examples: [
    ['store build hello', 'the package hello of the channel'],
    ['store build zlib:dev ./my.ts', "another output, and a recipe file's package"],
    ['store build --check hello', 'build again and compare the bytes'],
  ],
  words: [1, Number.POSITIVE_INFINITY],
  options: {
    ...buildOptions,
    'dry-run': { alias: 'n', type: 'boolean', describe: 'Only say what would be built and fetched' },
    rounds: { type: 'number', describe: 'Make each build N times and compare the bytes' },
    check: { type: 'boolean', describe: 'Build again and compare the bytes' },
    derivation: { type: 'boolean', describe: 'Only make the derivations and print their paths' },
  },
  async run(context, args) {
    const wanted: Wanted[] = []
    for (const word of args.words) {
      const { found, lowering, lowered } = await lowerPackage(context, word)
      wanted.push({ target: { lowered, outputs: found.outputs }, sources: lowering })
    }
    const targets = wanted.map(({ target }) => target)
    const sources = merge(wanted.map(({ sources }) => sources))
    if (args.flag('derivation')) {
      await writeDerivations(await context.store(), sources)
      return { paths: targets.map(({ lowered }) => formatStorePath(lowered.path)) }
    }
    if (args.flag('dry-run')) return planBuild(context, targets, sources)
    const builder = await context.builder(readSettings(args))
    await (args.flag('check') ? check : realise)(builder, targets, sources)
    return { paths: targets.flatMap(outputPaths) }
  },
  print: data =>
    'paths' in data
      ? data.paths
      : [...data.build.map(name => `build ${name}`), ...data.fetch.map(name => `fetch ${name}`)],
})

export function readSettings(args: Arguments): BuildSettings {
  const positive = <T>(name: string, otherwise: T): number | T => {
    const value = args.count(name)
    if (value === 0) throw new Usage(`--${name} needs a number above 0`)
    return value ?? otherwise
  }
  return {
    jobs: positive('jobs', availableParallelism()),
    cores: positive('cores', availableParallelism()),
    timeout: positive('timeout', undefined),
    maxSilentTime: positive('max-silent-time', undefined),
    rounds: positive('rounds', 1),
    keepGoing: args.flag('keep-going'),
    keepFailed: args.flag('keep-failed'),
  }
}

const outputPaths = ({ lowered, outputs }: Target): string[] =>
  outputs.map(name => formatStorePath(lowered.outputs.get(name)!))

/** The sources of several packages, which share most of theirs. */
const merge = (all: readonly Sources[]): Sources => ({
  derivations: new Map(all.flatMap(({ derivations }) => [...derivations])),
  locals: new Map(all.flatMap(({ locals }) => [...locals])),
})

/** What a build would do, inputs first. */
async function planBuild(context: Context, targets: readonly Target[], { derivations }: Sources) {
  const steps = [...(await makePlan(await context.store(), targets, derivations)).values()]
  const names = (fetches: boolean): string[] =>
    steps
      .filter(({ lowered }) => (workOf(lowered) === 'fetch') === fetches)
      .map(({ lowered }) => lowered.derivation.name)
  return { build: names(false), fetch: names(true) }
}
