import { execFile } from 'node:child_process'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { temporaryRoot } from './command.js'
import { surroundings } from './hosts.js'
import { ordinaryUser, storeOf, type UserStore } from './users.js'

const native = fileURLToPath(new URL('../native', import.meta.url))
const execute = promisify(execFile)

/** The time of the builds below. */
export const EPOCH = 1_700_000_000

/** A build that runs one of the scripts of test/native/conformance beside all programs of test/native. */
const recipeOf = (script: string): string => `
import { localFile, recipe, sh, trivial } from 'store/recipe'
import { toolchain } from 'store/channel/toolchain'
import { perl } from 'store/channel/perl'
import { python } from 'store/channel/python'
const programs = localFile('./native', import.meta.url)
const one = localFile('./native/waits.c', import.meta.url, 'one')
const other = localFile('./native/waits.c', import.meta.url, 'other')
export const it = recipe({
  name: '${script}',
  version: '1',
  inputs: { ...toolchain, perl, python },
  epoch: ${EPOCH},
  phases: trivial(sh\`cp -r \${programs}/. .; chmod -R u+w .
export one=\${one} other=\${other} libc=\${toolchain.glibc}/lib/libc.so.6
bash conformance/${script}.sh | tee "$out"\`),
})
`

/** Puts the recipe of a script beside the programs, in the store's own folder. Gives its file. */
export async function writeConformance(store: UserStore, script: string): Promise<string> {
  const folder = join(store.path, 'conformance')
  await mkdir(folder, { recursive: true })
  await cp(native, join(folder, 'native'), { recursive: true })
  await writeFile(join(folder, `${script}.ts`), recipeOf(script))
  return join(folder, `${script}.ts`)
}

/** What the programs of a build saw: texts by program, then by the row of the contract. */
export type Seen = ReadonlyMap<string, ReadonlyMap<string, string>>

/** Reads lines `program | row/case: what is seen`, as a log has them; what names no row is of the row `all`. */
export function parseSeen(text: string): Seen {
  const seen = new Map<string, Map<string, string>>()
  for (const [, program = '', row = 'all', rest = ''] of text.matchAll(
    /([a-z-]+) \| (?:([a-z]+)\/)?(.*)$/gm,
  )) {
    const rows = seen.get(program) ?? new Map<string, string>()
    rows.set(row, `${rows.get(row) ?? ''}${rest}\n`)
    seen.set(program, rows)
  }
  return seen
}

/** Where builds are made, with the ways in which it can differ from other places. */
export interface Place extends AsyncDisposable {
  /** Runs the build of a recipe file to its end, and gives what its programs saw. */
  look(file: string, ...options: string[]): Promise<Seen>
  readonly store: UserStore
}

const lookIn = async (run: UserStore['run'], file: string, options: readonly string[]): Promise<Seen> => {
  const { status, stderr } = await run(['build', '-L', file, ...options])
  if (status !== 0) throw new Error(stderr)
  return parseSeen(stderr)
}

/** The user who runs the tests, on the file system of temporary files. */
export const plainPlace = (store: UserStore): Place => ({
  store,
  look: (file, ...options) => lookIn(store.run, file, ['--cores', '1', ...options]),
  [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
})

/** One processor, which others use as well; kernel clocks that are ten days ahead; nobody may read new files. */
const within = [
  ...['unshare', '--user', '--map-current-user', '--time', '--monotonic', '864000', '--boottime', '864000'],
  ...[
    '--fork',
    'taskset',
    '1',
    'sh',
    '-c',
    'umask 077; (while :; do :; done) & "$@"; status=$?; kill $!; exit $status',
    'sh',
  ],
]

/** Another user, on tmpfs, where equal files of inputs are one, with all that `within` and `surroundings` change. */
export async function hostilePlace(from: UserStore): Promise<Place> {
  const store = await storeOf(ordinaryUser, undefined, '/dev/shm')
  const names = ['store', 'var', 'conformance']
  await execute('cp', ['-a', ...names.map(name => join(from.path, name)), store.path])
  if (ordinaryUser.uid !== undefined)
    await execute('chown', ['-Rh', `${ordinaryUser.uid}:${ordinaryUser.uid}`, store.path])
  const run: UserStore['run'] = args =>
    store.run(args, { within, env: { ...surroundings, STORE_OPTIMISE: '1' } })
  return {
    store,
    look: (file, ...options) =>
      lookIn(run, file.replace(from.path, store.path), ['--cores', '5', ...options]),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

/** On an overlay, all of whose files but new ones lie below it; only root can make one. */
export async function overlaidPlace(from: UserStore): Promise<Place> {
  const upper = await temporaryRoot()
  const layers = `lowerdir=${from.path},upperdir=${upper.path}/upper,workdir=${upper.path}/work`
  const mounted = `mkdir -p ${upper.path}/upper ${upper.path}/work
    mount -t overlay -o ${layers} overlay ${from.path} && exec "$@"`
  const run: UserStore['run'] = args =>
    from.run(args, { cwd: '/', within: ['unshare', '--mount', 'sh', '-c', mounted, 'sh'] })
  return {
    store: from,
    look: (file, ...options) => lookIn(run, file, options),
    [Symbol.asyncDispose]: () => upper[Symbol.asyncDispose](),
  }
}
