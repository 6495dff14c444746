import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs'
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
    collect(join(driver, 'traced'), ['--', ...args], place('under')),
  ])
  return { outside: outside.split('\n'), under: under.split('\n') }
}
