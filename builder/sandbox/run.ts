import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { constants } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { getSystemErrorName } from 'node:util'
import { BuilderNotExecutable, SandboxLost, SandboxUnavailable } from './errors.js'
import { readSetting } from './remedy.js'
import { encodeSpec, type SandboxSpec } from './spec.js'

/** What one program of a build asked the machine for: how often, by class. */
export interface ProgramCounts {
  readonly program: string
  readonly counts: Readonly<Record<string, number>>
}

/** How a build ended, and what the tracer saw of it. */
export interface Run {
  readonly exit: Exit
  readonly counts: readonly ProgramCounts[]
  /** Processes that the tracer had to end, and why. */
  readonly ended: readonly string[]
}

/** How a builder ended. */
export type Exit =
  | { readonly kind: 'exited'; readonly status: number }
  | { readonly kind: 'signalled'; readonly signal: NodeJS.Signals }

export interface RunOptions {
  /** The path of the sandbox program. */
  readonly helper: string
  /** Takes what the builder writes, in order; while a returned promise is pending the builder is held up. */
  readonly onOutput: (chunk: Buffer) => void | Promise<void>
  /** Kills the build, whose exit is then by SIGKILL. */
  readonly signal?: AbortSignal
  readonly suspension?: Suspension
  /** What the terminal of the builder is joined to, for a spec that has one. */
  readonly terminal?: CallersTerminal | undefined
}

/** The terminal of whoever talks with a build. What is typed there goes to the builder alone. */
export interface CallersTerminal {
  readonly fd: number
  /** Returns how to stop listening. */
  onResize(listener: () => void): () => void
}

/** Tells when the command is about to stop (^Z), and that it goes on. */
export interface Suspension {
  /** Returns how to stop listening. */
  listen(listener: (isSuspended: boolean) => void): () => void
}

/**
 * Runs one build and returns when every process of it is gone. Throws `SandboxUnavailable` when the sandbox
 * cannot be made, `BuilderNotExecutable` when there is nothing to run in it, and what `onOutput` throws.
 */
export async function runSandbox(spec: SandboxSpec, options: RunOptions): Promise<Run> {
  const { helper, onOutput, signal, suspension, terminal } = options
  if (signal?.aborted) return killed
  const input = encodeSpec(spec)
  const child = start(helper, terminal)
  const ended = waitFor(child, helper)
  const told = collect(child.stdio[3] as Readable)
  const kill = () => void child.kill('SIGTERM')
  signal?.addEventListener('abort', kill, { once: true })
  const stopListening = suspension?.listen(
    isSuspended => void child.kill(isSuspended ? 'SIGTSTP' : 'SIGCONT'),
  )
  const ignoreSizes = terminal?.onResize(() => void child.kill('SIGWINCH'))
  try {
    // A helper that ends early says why; that it reads no more is no news.
    ;(child.stdin as Writable).on('error', () => undefined).end(input)
    for await (const chunk of child.stdout as Readable) await onOutput(chunk)
  } catch (error) {
    kill()
    await ended.catch(() => undefined)
    throw error
  } finally {
    signal?.removeEventListener('abort', kill)
    stopListening?.()
    ignoreSizes?.()
  }
  const end = await ended
  const report = parseReport(await told)
  if (report.exit && !report.failed) return describeRun(spec, report, report.exit)
  await waitUntilGone(report.init)
  if (signal?.aborted) return killed
  throw explain(report, helper, end)
}

/** Programs that made a system call before the tracer could reach them were ended by the kernel, which says nothing. */
function describeRun({ builder, tracer }: SandboxSpec, { counts, ended }: Report, exit: Exit): Run {
  const isFirst = exit.kind === 'signalled' && exit.signal === 'SIGSYS' && counts.length === 0
  const untraced = [
    ...(tracer && isFirst ? [builder] : []),
    ...counts.filter(({ counts }) => counts.untraced).map(({ program }) => program),
  ]
  return {
    exit,
    counts,
    ended: [
      ...ended,
      ...untraced.map(
        program =>
          `${program} was ended by SIGSYS: it never asks where its memory ends (brk) nor sets a thread pointer, by which the tracer finds programs`,
      ),
    ],
  }
}

const killed: Run = { exit: { kind: 'signalled', signal: 'SIGKILL' }, counts: [], ended: [] }

/**
 * In a session of its own the helper hears of ^C only from us. A build can see its words: they are always of the
 * same length, and the helper blots out our id.
 */
function start(helper: string, terminal: CallersTerminal | undefined): ChildProcess {
  return spawn(helper, ['build', String(process.pid).padStart(10, '0')], {
    argv0: 'sandbox',
    cwd: '/',
    env: {},
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit', 'pipe', ...(terminal ? [terminal.fd] : [])],
  })
}

/** How the helper ended, in words. Rejects when it could not be started. */
function waitFor(child: ChildProcess, helper: string): Promise<string> {
  const ended = new Promise<string>((resolve, reject) => {
    child.once('error', cause => reject(new SandboxLost(helper, 'does not run', cause)))
    child.once('close', (status, signal) =>
      resolve(signal ? `was ended by ${signal}` : `exited with ${status}`),
    )
  })
  ended.catch(() => undefined)
  return ended
}

async function collect(stream: Readable): Promise<string> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of stream) chunks.push(chunk)
  } catch {
    // What came before the helper was lost is all there is.
  }
  return Buffer.concat(chunks).toString()
}

interface Report {
  readonly counts: readonly ProgramCounts[]
  readonly ended: readonly string[]
  readonly init?: number
  readonly exit?: Exit
  readonly failed?: { readonly step: string; readonly code: string; readonly about: string }
  readonly refused?: string
}

/** What each line of the helper's adds to its report. */
const lines: Readonly<Record<string, (rest: string) => Partial<Report>>> = {
  init: rest => ({ init: Number(rest) }),
  started: () => ({}),
  exited: rest => ({ exit: { kind: 'exited', status: Number(rest) } }),
  signalled: rest => ({ exit: { kind: 'signalled', signal: signalName(Number(rest)) } }),
  refused: rest => ({ refused: rest }),
  failed: rest => {
    const [step = '', errno = '', ...about] = rest.split(' ')
    return { failed: { step, code: getSystemErrorName(-Number(errno)), about: about.join(' ') } }
  },
  counts: rest => ({ counts: [parseCounts(rest)] }),
  ended: rest => ({ ended: [rest] }),
}

function parseCounts(text: string): ProgramCounts {
  const [program = '', ...counts] = text.split(' ')
  return {
    program,
    counts: Object.fromEntries(
      counts.map(count => {
        const [name = '', times = ''] = count.split('=')
        return [name, Number(times)]
      }),
    ),
  }
}

/** The first line of a kind counts, but for those there are many of. */
function parseReport(text: string): Report {
  const parts = text
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      const [word = '', ...rest] = line.split(' ')
      const read = lines[word]
      if (!read) throw new Error(`The sandbox program says what nobody understands: ${JSON.stringify(line)}`)
      return read(rest.join(' '))
    })
  return {
    ...Object.assign({}, ...parts.toReversed()),
    counts: parts.flatMap(({ counts = [] }) => counts),
    ended: parts.flatMap(({ ended = [] }) => ended),
  }
}

function signalName(number: number): NodeJS.Signals {
  const known = Object.entries(constants.signals).find(([, value]) => value === number)
  return (known?.[0] ?? `SIG${number}`) as NodeJS.Signals
}

/** A helper that was killed takes pid 1 of its build along, but cannot wait for it. */
async function waitUntilGone(init: number | undefined): Promise<void> {
  if (init === undefined) return
  const isThere = async (): Promise<boolean> => {
    const stat = await readFile(`/proc/${init}/stat`, 'latin1').catch(() => '')
    const state = stat.slice(stat.lastIndexOf(')') + 2)
    return state !== '' && !state.startsWith('Z')
  }
  while (await isThere()) await delay(10)
}

function explain({ failed, refused }: Report, helper: string, end: string): Error {
  if (refused !== undefined) return new Error(`The sandbox program refuses our spec: ${refused}`)
  if (failed?.step === 'exec') return new BuilderNotExecutable(failed)
  if (failed) return new SandboxUnavailable(failed, readSetting)
  return new SandboxLost(helper, end)
}
