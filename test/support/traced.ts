import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** Runs a command to its end. */
export const run = (command: string, args: readonly string[], cwd: string, input = '') => {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    input,
    encoding: 'utf8',
    timeout: 600_000,
  })
  return { status, stdout, stderr }
}

/** Compiles, or throws what the compiler says. */
export const compile = (folder: string, output: string, args: readonly string[], cc = 'cc') => {
  const language = cc.endsWith('++') ? [] : ['-std=gnu11']
  const result = run(cc, [...language, '-O1', '-D_GNU_SOURCE', '-o', join(folder, output), ...args], folder)
  if (result.status !== 0) throw new Error(result.stderr)
}

/** A new folder with the tracer's own driver in it, and what compiles the programs of test/native into it. */
export const makeDriver = (name: string, programs: readonly string[] = []): string => {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`))
  chmodSync(folder, 0o755)
  const built = run('sh', [join(root, 'builder/native/build-tracer.sh'), folder], folder)
  if (built.status !== 0) throw new Error(built.stderr)
  for (const program of programs)
    compile(folder, program, [join(root, `test/native/${program}.c`), '-lpthread', '-lrt'])
  return folder
}

const collect = (command: string, args: readonly string[], cwd: string) =>
  new Promise<string>((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.on('data', part => {
      text += part
    })
    child.on('error', reject)
    child.on('close', status => (status === 0 ? resolve(text) : reject(new Error(`ended with ${status}`))))
  })

/** A driver with the random programs in it. */
export const makeFuzzer = (name: string): string => {
  const folder = makeDriver(name, ['fuzz'])
  compile(folder, 'fuzz-static', ['-static', join(root, 'test/native/fuzz.c'), '-lpthread', '-lrt'])
  return folder
}

/** What random programs print outside the tracer and under it, by seed. */
export const fuzz = async (driver: string, first: number, count: number) => {
  const place = (name: string) => {
    const folder = join(driver, `${name}-${first}`)
    mkdirSync(folder)
    chmodSync(folder, 0o777)
    return folder
  }
  const args = [join(driver, 'fuzz'), String(first), String(count)]
  const [outside, under] = await Promise.all([
    collect(args[0]!, args.slice(1), place('outside')),
    collect(
      join(driver, 'traced'),
      ['--epoch=1700000000', '--', 'env', 'FUZZ_EPOCH=1700000000', ...args],
      place('under'),
    ),
  ])
  return { outside: outside.split('\n'), under: under.split('\n') }
}

/** One way in which a host can differ from another: nothing of it may show in a build. */
export interface Host {
  /** Where the build's folder lies. */
  readonly under?: string
  readonly names: readonly string[]
  /** The folder lies on an overlay of what was there before. */
  readonly overlay?: boolean
  /** Put before the command. */
  readonly before?: readonly string[]
  /** Other processes keep the processors busy. */
  readonly busy?: boolean
}

const OVERLAY =
  'mkdir lower upper work merged; mv names lower; mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work none merged; cd merged; '

/** Runs a command under the tracer on such a host, in a folder that has one name on all. Gives all it prints. */
export const onHost = (driver: string, host: Host, command: readonly string[]): string => {
  const cwd = mkdtempSync(join(host.under ?? driver, 'host-'))
  mkdirSync(join(cwd, 'names'))
  for (const name of host.names) writeFileSync(join(cwd, 'names', name), name)
  run('sh', ['-c', 'touch -d @1 names/* names .; sleep 0.1'], cwd)
  const load = host.busy ? [0, 1].map(() => spawn('sh', ['-c', 'while :; do :; done'])) : []
  const enter = `${host.overlay ? OVERLAY : ''}mkdir -p /tmp/observed && mount --bind . /tmp/observed && cd /tmp/observed && exec "$@"`
  const { stdout, stderr } = run(
    'unshare',
    [
      ...['-rm', ...(host.busy ? ['--time', '--monotonic', '86400', '--boottime', '86400'] : [])],
      ...[
        'sh',
        '-c',
        enter,
        'sh',
        ...(host.before ?? []),
        join(driver, 'traced'),
        '--epoch=1700000000',
        '--',
        ...command,
      ],
    ],
    cwd,
  )
  for (const process of load) process.kill('SIGKILL')
  rmSync(cwd, { recursive: true, force: true })
  return stdout + stderr
}
