import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { builtFile } from './built.js'

const folder = (name: string) => fileURLToPath(new URL(name, import.meta.url))

export const buildAdder = (): Promise<string> => bundle('adder')

/** Bundles `<name>.ts` for processes of its own; returns the program's file. */
export async function bundle(name: string): Promise<string> {
  const outfile = builtFile(`${name}-${process.pid}.mjs`)
  await build({
    entryPoints: [folder(`${name}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    // The program finds what its source finds.
    define: { 'import.meta.url': JSON.stringify(import.meta.url) },
  })
  return outfile
}

/** A running program, and the lines it prints. */
export interface Running {
  readonly child: ChildProcess
  /** Waits for the next line; `undefined` when there are no more. */
  line(): Promise<string | undefined>
  /** Its exit status, or the signal that ended it, and all it wrote to stderr. */
  readonly ended: Promise<{ readonly status: number | string; readonly errors: string }>
}

export interface RunOptions {
  /** As nobody, when we are root. */
  readonly unprivileged?: boolean
  /** A command that runs the program, which follows as its last arguments. */
  readonly within?: readonly string[]
}

/** Runs a Node program. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Running {
  const [command = '', ...rest] = [...(options.within ?? []), process.execPath, program, ...args]
  const child = spawn(command, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.unprivileged && process.geteuid!() === 0 ? { uid: 65534, gid: 65534 } : {}),
  })
  const lines = createInterface(child.stdout!)[Symbol.asyncIterator]()
  let errors = ''
  child.stderr!.on('data', chunk => {
    errors += chunk
  })
  const ended = once(child, 'close').then(([code, signal]) => ({ status: code ?? signal, errors }))
  return {
    child,
    ended,
    line: async () => {
      const { value, done } = await lines.next()
      return done ? undefined : value
    },
  }
}
