import { resolve } from 'node:path'
import {
  type Amount,
  check,
  makePlan,
  parseVariations,
  realise,
  type Sources,
  type Step,
  sumAmounts,
  type Target,
  type Tracing,
  tryOut,
  workOf,
  writeDerivations,
} from '../../builder/index.js'
import { addLink, formatStorePath, type StorePath } from '../../store/index.js'
import { changeOptions, readChanges } from '../changes.js'
import { type Arguments, defineCommand } from '../command.js'
import type { Context } from '../context.js'
import { type LoweredPackage, lowerPackages } from '../objects.js'
import { buildOptions, readSettings } from '../settings.js'
import { formatSize } from '../terminal.js'

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
      describe: 'Throw away a build with another constant: epoch=1000000000, clock=host',
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
      return answer(
        context,
        packages,
        targets.map(({ lowered }) => formatStorePath(lowered.path)),
      )
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
    return (await comeOfChanges(context, paths))
      ? { paths: paths.map(formatStorePath) }
      : answer(context, packages, paths.map(formatStorePath))
  },
  print: data =>
    'paths' in data
      ? data.paths
      : [...data.build.map(name => `build ${name}`), ...data.fetch.map(name => `fetch ${name}`)],
})

/** What is printed, remembered where it is known what it depends on: of local files only recipes are watched. */
function answer({ answers }: Context, packages: readonly LoweredPackage[], paths: readonly string[]) {
  const isWatched = packages.every(({ lowering }) => lowering.locals.size === 0)
  const witnesses = packages.map(({ found }) => found.witnesses)
  if (isWatched && witnesses.every(known => known !== undefined)) answers?.remember(paths, witnesses.flat())
  return { paths }
}

function readTracing(args: Arguments): Tracing {
  if (args.flag('no-tracer')) return { kind: 'off' }
  const settings = parseVariations(args.texts('vary'))
  return settings.size === 0 ? { kind: 'declared' } : { kind: 'varied', settings }
}

const outputPaths = ({ lowered, outputs }: Target): StorePath[] =>
  outputs.map(name => lowered.outputs.get(name)!)

/** Whether outputs are of changes that were in no commit. That they are in one is to be recorded, and shows in no file. */
async function comeOfChanges({ store }: Context, paths: readonly StorePath[]): Promise<boolean> {
  const infos = await (await store()).database.findInfos(paths)
  return infos.some(info => info?.provenance?.dirty !== undefined)
}

/** `result` for the first package's output `out`, `result-dev` for its `dev`, `result-2` for the second package. */
async function linkOutputs(context: Context, targets: readonly Target[], link: string): Promise<void> {
  const store = await context.store()
  for (const [i, { lowered, outputs }] of targets.entries()) {
    const base = i === 0 ? link : `${link}-${i + 1}`
    for (const name of outputs)
      await addLink(store, name === 'out' ? base : `${base}-${name}`, lowered.outputs.get(name)!)
  }
}

/** What a build would do, inputs first, and how much of what it fetches is not on this machine yet. */
async function planBuild(context: Context, targets: readonly Target[], { derivations }: Sources) {
  const steps = [...(await makePlan(await context.store(), targets, derivations)).values()]
  const isFetch = ({ lowered }: Step): boolean => workOf(lowered) === 'fetch'
  const names = (some: readonly Step[]): string[] => some.map(({ lowered }) => lowered.derivation.name)
  const fetches = steps.filter(isFetch)
  const download = await askDownload(context, fetches)
  if (steps.length === 0) context.note('nothing is to be built or fetched')
  else context.note(`would download ${formatAmount(download)}`)
  return { build: names(steps.filter(step => !isFetch(step))), fetch: names(fetches), download }
}

async function askDownload(context: Context, fetches: readonly Step[]): Promise<Amount> {
  if (fetches.length === 0) return { bytes: 0, unknown: 0 }
  using gauge = await context.gauge()
  const { signal } = context
  return sumAmounts(fetches, { ...(await context.fetching()), signal }, asked =>
    gauge.show(() => `asked for the size of ${asked} of ${fetches.length} files`),
  )
}

function formatAmount({ bytes, unknown }: Amount): string {
  const size = bytes === 0 ? 'nothing' : formatSize(bytes)
  if (unknown === 0) return size
  const files = unknown === 1 ? 'a file' : `${unknown} files`
  return bytes === 0 ? `${files} of unknown size` : `${size}, and ${files} of unknown size`
}
