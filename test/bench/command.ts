import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { storeProgram } from '../support/command.js'

/** Milliseconds between two looks at the memory of a command. */
const LOOK = 25

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Files it reads and writes; otherwise there is nothing to read, and what it prints is dropped. */
  readonly stdin?: string
  readonly stdout?: string
}

/** Runs a command, which must succeed, to its end. Answers the peak memory, in bytes, of it and what it started. */
export async function measure(
  program: string,
  args: readonly string[],
  { env, cwd = '/', stdin = '/dev/null', stdout = '/dev/null' }: CommandOptions = {},
): Promise<number> {
  const [input, output] = [openSync(stdin, 'r'), openSync(stdout, 'w')]
  const child = spawn(program, args, {
    cwd,
    env: { PATH: process.env.PATH!, HOME: process.env.HOME ?? '/', ...env },
    stdio: [input, output, 'pipe'],
  })
  closeSync(input)
  closeSync(output)
  let stderr = ''
  child.stderr!.setEncoding('utf8').on('data', text => {
    stderr = `${stderr}${text}`.slice(-4096)
  })
  let peak = 0
  const look = setInterval(async () => {
    peak = Math.max(peak, await memoryOf(child.pid!))
  }, LOOK)
  try {
    const [status] = await once(child, 'close')
    if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed:\n${stderr}`)
    return peak
  } finally {
    clearInterval(look)
  }
}

/** What a process and those below it hold now; none when it has ended. */
async function memoryOf(pid: number | string): Promise<number> {
  const [status, children] = await Promise.all(
    ['status', `task/${pid}/children`].map(file =>
      readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => ''),
    ),
  )
  const below = await Promise.all(children!.split(' ').filter(Boolean).map(memoryOf))
  return below.reduce((sum, one) => sum + one, Number(/VmRSS:\s+(\d+)/.exec(status!)?.[1] ?? 0) * 1024)
}

/** `store ARGS...` on the store in `root`. */
export const measureStore = (
  root: string,
  args: readonly string[],
  files: Pick<CommandOptions, 'stdin' | 'stdout'> = {},
): Promise<number> =>
  measure(process.execPath, [storeProgram, ...args], { env: { STORE_ROOT: root }, ...files })
