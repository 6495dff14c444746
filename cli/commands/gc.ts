import { homedir } from 'node:os'
import { downloadsFolder, tidy, tidyDownloads } from '../../builder/index.js'
import {
  collect,
  discard,
  filterValid,
  findDead,
  findRoots,
  formatRoot,
  formatStorePath,
  type MarkOptions,
  type Store,
  type StorePath,
} from '../../store/index.js'
import { forgetAnswers } from '../answers.js'
import { type Arguments, defineCommand } from '../command.js'
import type { Context } from '../context.js'
import { Usage } from '../errors.js'
import { keepHeapSmall } from '../memory.js'
import { resolveObject } from '../objects.js'
import { describeCollection, describeMarking } from '../progress/keeping.js'
import { parseSize } from '../size.js'
import { formatSize } from '../terminal.js'

/** What `gc` can do; the option names the task, without one it collects. */
const tasks = ['dry-run', 'delete', 'list-roots', 'list-live', 'list-dead'] as const

type Result =
  | { readonly paths: readonly string[] }
  | {
      readonly roots: readonly {
        readonly path: string
        readonly kind: string
        readonly name: string
        readonly text: string
      }[]
    }
  | { readonly objects: number; readonly bytes: number; readonly dry: boolean; readonly rest: Rest }

/** What is removed beside objects. */
interface Rest {
  readonly garbage: number
  readonly links: number
  readonly logs: number
  readonly failed: number
  readonly evaluations: number
  readonly downloads: number
}

export const command = defineCommand<Result>({
  usage: 'gc',
  describe: 'Delete objects that nothing keeps: no root, out-link, running program or command',
  examples: [
    ['store gc', 'everything that is dead'],
    ['store gc --max-freed 2G', 'no more than takes to free 2 GiB'],
    ['store gc --delete /store/...-hello-2.10', 'one object, or the reason why not'],
  ],
  words: [0, Number.POSITIVE_INFINITY],
  options: {
    'dry-run': { alias: 'n', type: 'boolean', describe: 'Only say how much would be deleted' },
    'max-freed': { type: 'string', describe: 'Stop when SIZE is freed' },
    'min-free': { type: 'string', describe: 'Stop when SIZE is free on the disk' },
    delete: { type: 'boolean', describe: 'Delete the given objects only; refuse live ones' },
    'list-roots': { type: 'boolean', describe: 'List what keeps objects' },
    'list-live': { type: 'boolean', describe: 'List the objects that are kept' },
    'list-dead': { type: 'boolean', describe: 'List the objects that would be deleted' },
    'keep-outputs': { type: 'boolean', describe: 'Keep all that live objects were built with, too' },
    'cache-size': { type: 'string', describe: 'Keep at most SIZE of fetched files, those used last' },
    'cache-days': { type: 'number', describe: 'Remove fetched files that were not used for N days' },
    'drop-derivers': { type: 'boolean', describe: 'Delete the derivations of live objects' },
  },
  async run(context, args) {
    const asked = tasks.filter(task => args.flag(task))
    if (asked.length > 1)
      throw new Usage(`--${asked[0]} and --${asked[1]} exclude each other`, {
        hint: 'Give one of them at a time',
      })
    if (args.words.length > 0 !== args.flag('delete'))
      throw new Usage(
        args.flag('delete') ? '--delete needs objects' : `"${args.words[0]}" is one word too many`,
        {
          hint: 'Usage: store gc --delete PATH...',
        },
      )
    keepHeapSmall()
    const store = await context.store()
    if (args.flag('delete')) return deleteObjects(context, args.words)
    if (args.flag('list-roots')) return listRoots(store)
    const policy = { keepDerivers: !args.flag('drop-derivers'), keepOutputs: args.flag('keep-outputs') }
    if (asked.length > 0) return inspect(context, policy, asked[0]!)
    return collectAll(context, policy, args)
  },
  print: data => {
    if ('paths' in data) return data.paths
    if ('roots' in data) return data.roots.map(({ path, text }) => `${path}\t${text}`)
    const verb = data.dry ? 'would delete' : 'deleted'
    return [`${verb} ${data.objects} object${data.objects === 1 ? '' : 's'}, ${formatSize(data.bytes)}`]
  },
})

const nothing: Rest = { garbage: 0, links: 0, logs: 0, failed: 0, evaluations: 0, downloads: 0 }

async function deleteObjects(context: Context, words: readonly string[]): Promise<Result> {
  const paths: StorePath[] = []
  for (const word of words) paths.push(await resolveObject(context, word))
  const gone = await discard(await context.store(), paths)
  const bytes = gone.reduce((sum, { narSize }) => sum + narSize, 0)
  return { objects: gone.length, bytes, dry: false, rest: nothing }
}

async function listRoots(store: Store): Promise<Result> {
  const all = await findRoots(store)
  const valid = await filterValid(
    store,
    all.map(({ path }) => path),
  )
  // Processes name the objects of other stores, too.
  const roots = all.filter(({ kind, path }) => kind !== 'process' || valid.has(path))
  return {
    roots: roots.map(root => ({ ...root, path: formatStorePath(root.path), text: formatRoot(root) })),
  }
}

async function inspect(context: Context, policy: MarkOptions, task: (typeof tasks)[number]): Promise<Result> {
  const store = await context.store()
  using gauge = await context.gauge()
  const { valid, dead } = await findDead(store, policy, progress => {
    context.signal.throwIfAborted()
    gauge.show(() => describeMarking(progress))
  })
  if (task !== 'dry-run') {
    const isDead = task === 'list-dead'
    return { paths: valid.filter(path => dead.has(path) === isDead).map(formatStorePath) }
  }
  const infos = await store.database.findInfos([...dead])
  const bytes = infos.reduce((sum, info) => sum + (info?.narSize ?? 0), 0)
  return { objects: dead.size, bytes, dry: true, rest: nothing }
}

async function collectAll(context: Context, policy: MarkOptions, args: Arguments): Promise<Result> {
  const store = await context.store()
  const size = (option: string): number | undefined => {
    const text = args.text(option)
    return text === undefined ? undefined : parseSize(text, `--${option}`)
  }
  using gauge = await context.gauge()
  const { objects, bytes, garbage, links } = await collect(store, {
    ...policy,
    maxFreed: size('max-freed'),
    minFree: size('min-free'),
    signal: context.signal,
    report: progress => gauge.show(() => describeCollection(progress)),
  })
  gauge.show(() => 'remove old logs, failed builds and downloads')
  const tidied = await tidy(store)
  forgetAnswers(store.state)
  const days = args.count('cache-days')
  const downloads = await tidyDownloads(
    downloadsFolder(context.env, homedir(), process.getuid!() === 0),
    { age: days === undefined ? undefined : days * 24 * 3600, bytes: size('cache-size') },
    store.clock(),
  )
  const rest = { garbage: garbage.length, links: links.length, ...tidied, downloads }
  return { objects, bytes, dry: false, rest }
}
