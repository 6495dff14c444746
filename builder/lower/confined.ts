import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { getSystemErrorName } from 'node:util'
import { Interrupted } from '../build/errors.js'
import { SandboxLost, SandboxUnavailable } from '../sandbox/errors.js'
import { readSetting } from '../sandbox/remedy.js'
import { BadRecipe } from './errors.js'
import { decodeAnswer, type Evaluated, LONGEST, type Request } from './protocol.js'

/** The programs that evaluate recipes. */
export interface Evaluator {
  /** The sandbox program. */
  readonly sandbox: string
  /** What runs in it. */
  readonly program: string
  /** Ends an evaluation that the user interrupts. */
  readonly signal?: AbortSignal
}

/** MiB of values that recipes may hold. */
const MEMORY = 1024

/** Where programs find what they are linked with. */
const libraries = [
  '/lib',
  '/lib64',
  '/usr/lib',
  '/usr/lib64',
  '/usr/local/lib',
  '/etc/ld.so.cache',
  '/nix/store',
]

/** A process that evaluates once what it is given. Disposing of it ends it. */
export interface RunningEvaluator extends Disposable {
  evaluate(request: Request): Promise<Evaluated>
}

/**
 * Starts a process that sees no file but node's and the evaluator's, no network, no variable and no other process's
 * memory, and is ended when it takes too long or too much.
 */
export function startEvaluator({ sandbox, program, signal: interrupt }: Evaluator): RunningEvaluator {
  const shown = [...libraries, process.execPath, program]
  const node = [process.execPath, `--max-old-space-size=${MEMORY}`, '--disable-wasm-trap-handler', program]
  const child = spawn(sandbox, ['confine', ...shown, '--', ...node], {
    cwd: '/',
    env: {},
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  })
  const end = () => void child.kill('SIGKILL')
  interrupt?.addEventListener('abort', end, { once: true })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  let length = 0
  child.stdout!.on('data', chunk => {
    length += chunk.length
    // In a text, letters may take several bytes.
    if (length > 4 * LONGEST) end()
    else stdout.push(chunk)
  })
  child.stderr!.on('data', chunk => stderr.push(chunk))
  ;(child.stdio[3] as Readable).on('data', chunk => stderr.push(chunk))
  // One that ends early says why by how it ends.
  child.stdin!.on('error', () => undefined)
  const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status, signal) => resolve([status, signal]))
  }).finally(() => interrupt?.removeEventListener('abort', end))
  // It may fail before anybody asks how it ended.
  ended.catch(() => undefined)
  return {
    evaluate: async request => {
      child.stdin!.end(JSON.stringify(request))
      const [status, signal] = await ended
      if (interrupt?.aborted) throw new Interrupted()
      if (length > 4 * LONGEST)
        throw new BadRecipe(undefined, `The recipes give more than ${LONGEST / 1024 / 1024} MB`, LOOP)
      if (status === 0) return decodeAnswer(Buffer.concat(stdout).toString())
      if (signal === 'SIGKILL') throw new SandboxLost(sandbox, 'was killed while it evaluated recipes')
      throw explain(status, signal, Buffer.concat(stderr).toString())
    },
    [Symbol.dispose]: end,
  }
}

function explain(status: number | null, signal: NodeJS.Signals | null, stderr: string): Error {
  if (signal === 'SIGINT' || signal === 'SIGTERM') return new Interrupted()
  const refused = /^failed (\S+) (\d+) ?(.*)$/m.exec(stderr)
  if (refused) return new SandboxUnavailable(readRefusal(refused), readSetting)
  if (signal === 'SIGXCPU')
    return new BadRecipe(undefined, 'The recipes are not evaluated after a minute', LOOP)
  if (/memory|Allocation failed|V8_Fatal/i.test(stderr) || signal !== null)
    return new BadRecipe(undefined, `The recipes need more than ${MEMORY} MB of memory`, LOOP)
  return new Error(`The evaluation ended with ${status}: ${stderr}`)
}

const LOOP = 'A recipe is a declaration; look for a loop that does not end'

const readRefusal = ([, step = '', errno = '', about = '']: RegExpExecArray) => ({
  step,
  code: getSystemErrorName(-Number(errno)),
  about,
})
