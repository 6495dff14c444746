import { type ChildProcess, spawn } from 'node:child_process'
import { cp, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeKeeper } from '../../store/keeper.js'
import { keeperProgram } from './store.js'

/** The built command. */
export const storeProgram = fileURLToPath(new URL('../../dist/store.cjs', import.meta.url))

export interface Ran {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly uid?: number
  readonly input?: Uint8Array
  /** The command of another clone. */
  readonly program?: string
  /** A command that runs the command, which follows as its last arguments. */
  readonly within?: readonly string[]
  /** Gets the process as soon as it runs, to send it signals. */
  readonly onStart?: (child: ChildProcess) => void
}

/** Runs `store ARGS...` on the store in `root`, with an environment that holds nothing of the caller's but the path. */
export function runStore(root: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { program = storeProgram, within = [] } = options
  const [file = '', ...words] = [...within, process.execPath, program, ...args]
  const child = spawn(file, words, {
    cwd: options.cwd ?? root,
    env: {
      PATH: process.env.PATH!,
      HOME: process.env.HOME ?? '/',
      ...(process.env.XDG_CACHE_HOME && { XDG_CACHE_HOME: process.env.XDG_CACHE_HOME }),
      ...options.env,
      STORE_ROOT: root,
    },
    stdio: [options.input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    ...(options.uid !== undefined && { uid: options.uid, gid: options.uid }),
  })
  // A command that fails may not have read all of its input: its status tells that.
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(options.input)
  options.onStart?.(child)
  let stdout = ''
  let stderr = ''
  child.stdout!.setEncoding('utf8').on('data', text => {
    stdout += text
  })
  child.stderr!.setEncoding('utf8').on('data', text => {
    stderr += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }))
  })
}

/** A temporary root of a store for the command; disposing of it removes it. `from` is cloned by hard links. */
export async function temporaryRoot(
  from?: string,
  parent = tmpdir(),
): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(parent, 'store-e2e-'))
  if (from !== undefined) await cloneStore(from, path)
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await using keeper = makeKeeper(keeperProgram)
      await keeper.remove(path)
    },
  }
}

async function cloneStore(from: string, to: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    spawn('cp', ['-al', join(from, 'store'), to], { stdio: 'inherit' }).on('close', status =>
      status === 0 ? resolve() : reject(new Error(`cp ended with ${status}`)),
    )
  })
  await cp(join(from, 'var'), join(to, 'var'), { recursive: true })
}
