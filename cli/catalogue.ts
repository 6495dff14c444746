import type { Command } from './command.js'

export interface Entry {
  readonly name: string
  readonly describe: string
  readonly example: string
  // biome-ignore lint/suspicious/noExplicitAny: each command has data of its own type
  load(): Promise<{ readonly command: Command<any> }>
}

/** Every command, by task; each is loaded only when it runs. */
export const catalogue: Readonly<Record<string, readonly Entry[]>> = {
  'Build and run packages': [
    {
      name: 'build',
      describe: 'Make packages, from source',
      example: 'store build hello',
      load: () => import('./commands/build.js'),
    },
    {
      name: 'run',
      describe: "Run a package's program",
      example: 'store run hello -- --greeting=Hi',
      load: () => import('./commands/run.js'),
    },
    {
      name: 'shell',
      describe: 'Start a shell with packages on PATH',
      example: 'store shell zlib:dev gcc',
      load: () => import('./commands/shell.js'),
    },
    {
      name: 'log',
      describe: 'Show the log of a build',
      example: 'store log hello --tail 20',
      load: () => import('./commands/log.js'),
    },
  ],
  'Find packages': [
    {
      name: 'list',
      describe: 'List the packages',
      example: 'store list',
      load: () => import('./commands/list.js'),
    },
    {
      name: 'search',
      describe: 'Find packages by words',
      example: 'store search compression',
      load: () => import('./commands/search.js'),
    },
    {
      name: 'edit',
      describe: 'Open the recipe of a package',
      example: 'store edit hello',
      load: () => import('./commands/edit.js'),
    },
    {
      name: 'show',
      describe: 'Show one package in full',
      example: 'store show zlib',
      load: () => import('./commands/show.js'),
    },
  ],
  'Write recipes': [
    {
      name: 'new',
      describe: 'Write a first recipe for a source',
      example: 'store new hello --url URL',
      load: () => import('./commands/new.js'),
    },
    {
      name: 'lint',
      describe: 'Find what could be better in recipes',
      example: 'store lint',
      load: () => import('./commands/lint.js'),
    },
  ],
  'Travel in time': [
    {
      name: 'channel',
      describe: 'Say where recipes come from',
      example: 'store channel add mine ~/recipes',
      load: () => import('./commands/channel.js'),
    },
    {
      name: 'describe',
      describe: 'Print what recipes are used now',
      example: 'store describe --json > pins.json',
      load: () => import('./commands/describe.js'),
    },
    {
      name: 'time-machine',
      describe: 'Use the recipes of a commit',
      example: 'store time-machine --commit=C -- build hello',
      load: () => import('./commands/time-machine.js'),
    },
  ],
  'Look into the store': [
    {
      name: 'info',
      describe: 'Show what is known of an object',
      example: 'store info hello',
      load: () => import('./commands/info.js'),
    },
    {
      name: 'references',
      describe: 'List what an object refers to',
      example: 'store references hello',
      load: () => import('./commands/references.js'),
    },
    {
      name: 'referrers',
      describe: 'List what refers to an object',
      example: 'store referrers zlib',
      load: () => import('./commands/referrers.js'),
    },
    {
      name: 'closure',
      describe: 'List an object and all it needs',
      example: 'store closure --size hello',
      load: () => import('./commands/closure.js'),
    },
    {
      name: 'size',
      describe: 'List what takes how much space',
      example: 'store size hello',
      load: () => import('./commands/size.js'),
    },
    {
      name: 'why-depends',
      describe: 'Show why an object needs another',
      example: 'store why-depends hello glibc',
      load: () => import('./commands/why-depends.js'),
    },
    {
      name: 'graph',
      describe: 'Draw what an object refers to',
      example: 'store graph --format mermaid hello',
      load: () => import('./commands/graph.js'),
    },
  ],
  'Put files in, get files out': [
    {
      name: 'add',
      describe: 'Add a file or folder, by content',
      example: 'store add ./data --name data',
      load: () => import('./commands/add.js'),
    },
    {
      name: 'hash',
      describe: 'Print a hash as a recipe wants it',
      example: 'store hash hello-2.10.tar.gz',
      load: () => import('./commands/hash.js'),
    },
    {
      name: 'dump',
      describe: 'Write a tree as a NAR',
      example: 'store dump hello > hello.nar',
      load: () => import('./commands/dump.js'),
    },
    {
      name: 'restore',
      describe: 'Unpack a NAR',
      example: 'store restore ./hello < hello.nar',
      load: () => import('./commands/restore.js'),
    },
    {
      name: 'export',
      describe: 'Write objects and all they need',
      example: 'store export hello > hello.export',
      load: () => import('./commands/export.js'),
    },
    {
      name: 'import',
      describe: 'Add the objects of an export',
      example: 'store import < hello.export',
      load: () => import('./commands/import.js'),
    },
  ],
  'Look after this machine': [
    {
      name: 'gc',
      describe: 'Delete what nothing keeps',
      example: 'store gc --max-freed 2G',
      load: () => import('./commands/gc.js'),
    },
    {
      name: 'root',
      describe: 'Name what is to be kept',
      example: 'store root add tools hello',
      load: () => import('./commands/root.js'),
    },
    {
      name: 'verify',
      describe: 'Find what is wrong with the store',
      example: 'store verify --contents',
      load: () => import('./commands/verify.js'),
    },
    {
      name: 'optimise',
      describe: 'Let equal files share their bytes',
      example: 'store optimise',
      load: () => import('./commands/optimise.js'),
    },
    {
      name: 'doctor',
      describe: 'Tell what this machine can do',
      example: 'store doctor',
      load: () => import('./commands/doctor.js'),
    },
    {
      name: 'completion',
      describe: 'Print completion for a shell',
      example: 'store completion bash',
      load: () => import('./commands/completion.js'),
    },
  ],
}

export const entries: readonly Entry[] = Object.values(catalogue).flat()
