import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bench, MeasuredVariant, Workbench } from './bench.js'
import { measure, measureStore } from './command.js'
import { removeTree } from './remove.js'

const inProject = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** Later than every file that is there when a run begins. */
const EPOCH = 2_000_000_000

/** What is run with the tracer and without, in `folder`, which is made anew before each run. */
interface Work {
  readonly command: readonly string[]
  /** Fills the folder. */
  readonly fill?: (folder: string) => Promise<void> | void
}

/** The tracer's driver, made once in a run of the benches. */
async function driver({ directory }: Workbench): Promise<string> {
  const folder = join(directory, 'tracer')
  if (!existsSync(folder)) {
    await mkdir(folder)
    execFileSync('sh', [inProject('builder/native/build-tracer.sh'), folder])
    execFileSync('cc', ['-O2', '-o', join(folder, 'calls'), inProject('test/bench/calls.c')])
  }
  return folder
}

/** That of the programs here; the driver covers it as a sandbox does those of its inputs. */
const LOADER = '/lib64/ld-linux-x86-64.so.2'

/** Those that start as many threads as there are processors: on a host with fewer than a build sees, more than it has. */
const counting: ReadonlySet<string> = new Set(['java', 'go'])
const RELAXED_MACHINE = '--relax=0x40'

/** `goal` is how many times as long the work may take at most under the tracer. */
const traced = (
  name: string,
  what: string,
  goal: number,
  prepare: (driver: string, bench: Workbench) => Promise<Work> | Work,
): Bench => ({
  name: `trace-${name}`,
  question: `How much longer does ${what} take under the tracer?`,
  prepare: async bench => {
    const needs = needed[name]?.find(path => !isThere(path))
    if (needs !== undefined) return [{ name: 'traced', missing: `${needs} is not there` }]
    const tools = await driver(bench)
    const { command, fill } = await prepare(tools, bench)
    const variant = (kind: string, before: readonly string[]): MeasuredVariant => {
      const folder = join(bench.directory, 'work')
      return {
        name: kind,
        reset: async () => {
          await removeTree(folder)
          await mkdir(folder)
          await fill?.(folder)
        },
        run: async () => {
          const [program, ...args] = [...before, ...command]
          await measure(program!, args, { cwd: folder })
          return 0
        },
      }
    }
    const driven = [join(tools, 'traced'), `--epoch=${EPOCH}`, `--loader=${LOADER}`]
    return [
      variant('traced', [...driven, '--']),
      { ...variant('untraced', ['setarch', '-R']), goal },
      ...(counting.has(name)
        ? [variant("traced, the host's machine", [...driven, RELAXED_MACHINE, '--'])]
        : []),
    ]
  },
})

/** What a machine may lack: programs, and files. */
const needed: Readonly<Record<string, readonly string[]>> = {
  java: ['javac'],
  go: ['go'],
  sqlite: ['tclsh'],
  // Debian's libpython3.11-testsuite.
  python: ['python3', '/usr/lib/python3.11/test/test_shutil.py'],
}

/** Whether a file is there, or a program on PATH. */
const isThere = (path: string): boolean =>
  path.startsWith('/')
    ? existsSync(path)
    : process.env.PATH!.split(':').some(folder => existsSync(join(folder, path)))

/** Unpacks the source of a package; the channel says where it comes from. */
async function unpack({ root, directory }: Workbench, name: string): Promise<string> {
  const folder = await mkdtemp(join(directory, `${name}-`))
  const file = join(folder, `${name}.ts`)
  await writeFile(
    file,
    `import { recipe, sh, trivial } from 'store/recipe'
import { busybox } from 'store/channel/seed/busybox'
import { ${name} } from 'store/channel/${name}'
export const it = recipe({
  name: '${name}-source', version: '1', source: ${name}.source,
  phases: trivial(sh\`\${busybox}/bin/busybox cp "$source" "$out"\`, {
    shell: sh\`\${busybox}/bin/busybox\`, shellArguments: ['sh'],
  }),
})`,
  )
  await measureStore(root, ['build', file])
  const archive = (await readdir(join(root, 'store'))).find(one => one.endsWith(`-${name}-source-1`))
  execFileSync('tar', ['-xf', join(root, 'store', archive!), '--strip-components=1', '-C', folder])
  return folder
}

/** Compiles Python's own modules so that it does not look at their times, of which a build sees others. */
function compilePython(folder: string): string {
  const cache = join(folder, 'python')
  const options = ['-q', '-j2', '--invalidation-mode', 'unchecked-hash', '-x', 'bad_|badsyntax|lib2to3/tests']
  const env = { ...process.env, PYTHONPYCACHEPREFIX: cache }
  execFileSync('python3', ['-m', 'compileall', ...options, '/usr/lib/python3.11'], { env })
  return cache
}

const copy = (from: string) => (folder: string) => void execFileSync('cp', ['-a', `${from}/.`, folder])

const shell = (script: string): readonly string[] => ['sh', '-ec', script]

async function built(bench: Workbench, name: string, script: string): Promise<string> {
  const source = await unpack(bench, name)
  execFileSync('sh', ['-ec', script], { cwd: source, stdio: 'ignore' })
  return source
}

/** A Java program of many classes. */
async function writeJava(folder: string): Promise<void> {
  const names = Array.from({ length: 100 }, (_, i) => `Part${i}`)
  for (const [i, name] of names.entries())
    await writeFile(
      join(folder, `${name}.java`),
      `import java.util.*;
class ${name} {
  static long work(Map<String, List<Integer>> seen) {
    seen.computeIfAbsent("${name}", key -> new ArrayList<>()).add(${i});
    return seen.values().stream().flatMap(List::stream).mapToLong(n -> (long) n * ${i}).sum();
  }
}`,
    )
  const calls = names.map(name => `total += ${name}.work(seen);`).join('\n')
  await writeFile(
    join(folder, 'Main.java'),
    `import java.util.*;
class Main {
  public static void main(String[] args) throws Exception {
    long total = 0;
    Map<String, List<Integer>> seen = new TreeMap<>();
    ${calls}
    Thread[] threads = new Thread[8];
    for (int i = 0; i < threads.length; i++) (threads[i] = new Thread(() -> new ArrayList<>(seen.keySet()).sort(null))).start();
    for (Thread thread : threads) thread.join();
    System.out.println(total);
  }
}`,
  )
}

const SHORT_COMMANDS = `i=0
while [ $i -lt 1000 ]; do
  /bin/true; /usr/bin/expr $i + 1 > /dev/null; echo $i | /bin/cat > "file-$i"; i=$((i + 1))
done`

/** Fills a folder with many empty files. */
const manyFiles = (folder: string): void =>
  void execFileSync('sh', ['-c', `seq -f 'a-file-with-a-name-%g' ${100_000} | xargs touch`], { cwd: folder })

export const tracers: readonly Bench[] = [
  traced('hello', 'configuring and making GNU hello', 1.05, async (_, bench) => ({
    command: shell('./configure; make'),
    fill: copy(await unpack(bench, 'hello')),
  })),
  traced('make', 'making GNU hello, when it is configured,', 1.05, async (_, bench) => ({
    command: ['make'],
    fill: copy(await built(bench, 'hello', './configure')),
  })),
  traced('lua', 'compiling Lua', 1.02, async (_, bench) => ({
    command: ['make', '-C', 'src', 'generic'],
    fill: copy(await unpack(bench, 'lua')),
  })),
  traced('parallel', 'compiling Lua with two jobs', 1.02, async (_, bench) => ({
    command: ['make', '-j2', '-C', 'src', 'generic'],
    fill: copy(await unpack(bench, 'lua')),
  })),
  traced('sqlite', 'compiling SQLite in one file', 1.02, async (_, bench) => ({
    command: ['cc', '-O1', '-c', 'sqlite3.c'],
    fill: copy(await built(bench, 'sqlite', './configure && make sqlite3.c')),
  })),
  traced('shell', 'a shell script of 3,000 short commands', 1.2, () => ({ command: shell(SHORT_COMMANDS) })),
  traced('stat', 'a million calls of stat in one process', 1.25, driver => ({
    command: [join(driver, 'calls'), 'stat', '1000000'],
  })),
  traced('list', 'listing a folder of 100,000 files ten times', 1.5, driver => ({
    command: [join(driver, 'calls'), 'list', '10'],
    fill: manyFiles,
  })),
  traced('java', 'compiling and running a Java program', 1.05, () => ({
    command: shell('javac *.java && java Main'),
    fill: writeJava,
  })),
  traced('go', 'compiling a Go program and all it needs', 1.05, () => ({
    command: shell(
      `GOCACHE=$PWD/cache GO111MODULE=off go build -o observe ${inProject('test/native/languages/observe.go')}`,
    ),
  })),
  traced('python', "a part of Python's own tests", 1.05, driver => ({
    command: shell(
      `PYTHONPYCACHEPREFIX=${compilePython(driver)} /usr/bin/python3 -m test -q \
test_json test_re test_csv test_glob test_shutil test_tempfile`,
    ),
  })),
]
