import { resolve } from 'node:path'
import {
  check,
  makePlan,
  parseVariations,
  realise,
  type Sources,
  type Target,
  type Tracing,
  tryOut,
  workOf,
  writeDerivations,
} from '../../builder/index.js'
import { addLink, formatStorePath } from '../../store/index.js'
import { changeOptions, readChanges } from '../changes.js'
import { type Arguments, defineCommand } from '../command.js'
import type { Context } from '../context.js'
import { lowerPackages } from '../objects.js'
import { buildOptions, readSettings } from '../settings.js'

export const command = defineCommand({
  usage: 'build PKG...',
  describe: 'Make packages, from source, and print their store paths',
  examples: [
    ['store build hello', 'the package hello of the channel'],
    ['store build zlib:dev ./my.ts', "another output, and a recipe file's package"],
    ['store build -o result hello', 'with a link to it, which keeps it from store gc'],
    ['STORE_MIN_FREE=20G store build hello', 'deletes what nothing keeps while less is free'],
    ['store build --check hello', 'build again and compare the bytes'],
    ['store build --vary directory=reversed --check hello', 'does the order of directories change it?'],
  ],
  words: [1, Number.POSITIVE_INFINITY],
  options: {
    ...buildOptions,
    ...changeOptions,
    'dry-run': { alias: 'n', type: 'boolean', describe: 'Only say what would be built and fetched' },
    rounds: { type: 'number', describe: 'Make each build N times and compare the bytes' },
    check: { type: 'boolean', describe: 'Build again and compare the bytes' },
    'no-tracer': { type: 'boolean', describe: 'Build without the tracer, and throw the result away' },
    vary: {
      type: 'string',
      array: true,
      describe: 'Throw away a build with another constant: epoch=0, clock=host',
    },
    'out-link': { alias: 'o', type: 'string', describe: 'Make a symlink to the result, which keeps it' },
    derivation: { type: 'boolean', describe: 'Only make the derivations and print their paths' },
  },
  async run(context, args) {
    const { packages, sources } = await lowerPackages(
      context,
      args.words,
      await readChanges(args, context.cwd),
    )
    const targets = packages.map(({ found, lowered }): Target => ({ lowered, outputs: found.outputs }))
    if (args.flag('derivation')) {
      await writeDerivations(await context.store(), sources)
      return { paths: targets.map(({ lowered }) => formatStorePath(lowered.path)) }
    }
    if (args.flag('dry-run')) return planBuild(context, targets, sources)
    const tracing = readTracing(args)
    const builder = await context.builder({ ...readSettings(args), tracing })
    if (tracing.kind !== 'declared') {
      await (args.flag('check') ? check : tryOut)(builder, targets, sources)
      context.note('nothing was registered')
      return { paths: [] }
    }
    await (args.flag('check') ? check : realise)(builder, targets, sources)
    const link = args.text('out-link')
    if (link !== undefined) await linkOutputs(context, targets, resolve(context.cwd, link))
    const paths = targets.flatMap(outputPaths)
    const witnesses = packages.map(({ found }) => found.witnesses)
    if (witnesses.every(known => known !== undefined)) context.answers?.remember(paths, witnesses.flat())
    return { paths }
  },
  print: data =>
    'paths' in data
      ? data.paths
      : [...data.build.map(name => `build ${name}`), ...data.fetch.map(name => `fetch ${name}`)],
})

function readTracing(args: Arguments): Tracing {
  if (args.flag('no-tracer')) return { kind: 'off' }
  const settings = parseVariations(args.texts('vary'))
  return settings.size === 0 ? { kind: 'declared' } : { kind: 'varied', settings }
}

const outputPaths = ({ lowered, outputs }: Target): string[] =>
  outputs.map(name => formatStorePath(lowered.outputs.get(name)!))

/** `result` for the first package's output `out`, `result-dev` for its `dev`, `result-2` for the second package. */
async function linkOutputs(context: Context, targets: readonly Target[], link: string): Promise<void> {
  const store = await context.store()
  for (const [i, { lowered, outputs }] of targets.entries()) {
    const base = i === 0 ? link : `${link}-${i + 1}`
    for (const name of outputs)
      await addLink(store, name === 'out' ? base : `${base}-${name}`, lowered.outputs.get(name)!)
  }
}

/** What a build would do, inputs first. */
async function planBuild(context: Context, targets: readonly Target[], { derivations }: Sources) {
  const steps = [...(await makePlan(await context.store(), targets, derivations)).values()]
  const names = (fetches: boolean): string[] =>
    steps
      .filter(({ lowered }) => (workOf(lowered) === 'fetch') === fetches)
      .map(({ lowered }) => lowered.derivation.name)
  if (steps.length === 0) context.note('nothing is to be built or fetched')
  return { build: names(false), fetch: names(true) }
}
