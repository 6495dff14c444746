import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { chown, rm, stat } from 'node:fs/promises'
import { constants } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { StoreError } from '../../store/index.js'
import type { Step } from '../plan/plan.js'
import { type CallersTerminal, runSandbox } from '../sandbox/run.js'
import type { HostUser } from '../sandbox/spec.js'
import type { Builder } from './builder.js'
import { BUILD_DIRECTORY } from './environment.js'
import { Interrupted } from './errors.js'
import { prepareSandbox } from './sandboxed.js'

/** What a shell in a sandbox reads and writes. */
export interface Conversation {
  /** What is read when there is no terminal. */
  readonly input: NodeJS.ReadableStream
  readonly terminal: CallersTerminal | undefined
  readonly output: (chunk: Buffer) => void
  /** A directory whose files the working directory starts with, such as that of a failed build. */
  readonly kept?: string | undefined
}

/** Of what a shell was to begin with, some could not be copied. */
export class KeptUnreadable extends StoreError {
  readonly code = 'CANNOT_READ'

  constructor(kept: string, cause: unknown) {
    super(`Cannot copy all of "${kept}" into the sandbox`, {
      hint: 'Check that every file of it may be read; cp says above which may not',
      cause,
    })
  }
}

/** Where the shell finds the script that the build runs. */
export const BUILD_SCRIPT = '/tmp/build.sh'

const OPENED = /@opened\r?\n/
const INPUT = '.input'

const plain = (shell: string): readonly string[] => (basename(shell) === 'bash' ? ['--norc'] : [])

/** Waits for the pipe, which only the host can make, and becomes the shell; the pipe is its input if it has no terminal. */
const prelude = (shell: readonly string[], isTerminal: boolean): string =>
  [
    `printf '%s\\n' "$1" > ${BUILD_SCRIPT}`,
    `until [ -p ${INPUT} ]; do :; done`,
    ...(isTerminal ? [] : [`exec < ${INPUT}`]),
    'echo @opened',
    `exec ${shell.join(' ')}`,
  ].join('; ')

/**
 * Runs the shell of a build in the sandbox of the build, with everything but what it prints and reads as the build
 * has it; its inputs must be valid. Nothing it makes is registered. Gives its exit status.
 */
export async function converse(
  builder: Builder,
  step: Step,
  directory: string,
  { input, terminal, output, kept }: Conversation,
): Promise<number> {
  const { derivation } = step.lowered
  await using hostUser = await builder.borrowUser()
  const { spec } = await prepareSandbox(builder, step, directory, hostUser)
  const at = derivation.args.indexOf('-c')
  const [before, script] = [derivation.args.slice(0, Math.max(at, 0)), derivation.args[at + 1] ?? '']
  const isTerminal = terminal !== undefined
  const shell = [derivation.builder, ...before, ...plain(derivation.builder), '-i']
  const stop = new AbortController()
  const place = join(directory, BUILD_DIRECTORY)
  let isOpen = false
  const begin = async (): Promise<void> => {
    const pipe = await opening
    await rm(join(place, INPUT), { force: true })
    if (pipe && !isTerminal) input.pipe(pipe)
  }
  const opening = offerInput(place, hostUser, kept, stop.signal)
  opening.catch(() => stop.abort())
  const run = runSandbox(
    { ...spec, terminal: isTerminal, args: [...before, '-c', prelude(shell, isTerminal), 'shell', script] },
    {
      helper: builder.sandbox,
      terminal,
      onOutput: chunk => {
        if (isOpen) return output(chunk)
        const text = chunk.toString('latin1')
        isOpen = OPENED.test(text)
        const rest = text.replace(OPENED, '')
        if (rest !== '') output(Buffer.from(rest, 'latin1'))
        // Whoever waits for the end learns of what goes wrong.
        if (isOpen) begin().catch(() => undefined)
      },
      signal: AbortSignal.any([builder.signal, stop.signal]),
      suspension: builder.suspension,
    },
  )
  try {
    const { exit } = await run
    if (builder.signal.aborted) throw new Interrupted()
    return exit.kind === 'exited' ? exit.status : 128 + constants.signals[exit.signal]
  } finally {
    stop.abort()
    const pipe = await opening
    if (pipe) input.unpipe(pipe)
    pipe?.destroy()
  }
}

/** Makes the pipe in the working directory as soon as there is one; `undefined` when the sandbox ends before. */
async function offerInput(
  place: string,
  owner: HostUser | undefined,
  kept: string | undefined,
  signal: AbortSignal,
) {
  while (!(await stat(place).catch(() => undefined))) {
    if (signal.aborted) return undefined
    await delay(10)
  }
  if (kept !== undefined)
    await command('cp', '-a', `${kept}/.`, place).catch(cause => {
      throw new KeptUnreadable(kept, cause)
    })
  if (kept !== undefined && owner) await command('chown', '-R', `${owner.uid}:${owner.gid}`, place)
  const pipe = join(place, INPUT)
  await rm(pipe, { force: true })
  await command('mkfifo', pipe)
  if (owner) await chown(pipe, owner.uid, owner.gid)
  // Opened both ways nobody waits for the other side; what is typed early is kept.
  const stream = createWriteStream(pipe, { flags: 'r+' })
  stream.on('error', () => undefined)
  return stream
}

async function command(program: string, ...args: readonly string[]): Promise<void> {
  const status = await new Promise((resolve, reject) => {
    spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })
      .on('error', reject)
      .on('close', resolve)
  })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}`)
}
