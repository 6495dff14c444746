import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { STORE_DIRECTORY, systemCode } from '../store/index.js'
import type { Context } from './context.js'

export interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
}

/** How shells, and the sandbox program, tell that a program is not there, or is none. */
const unstartable: Readonly<Record<string, { readonly status: number; readonly reason: string }>> = {
  ENOENT: { status: 127, reason: 'No such file or directory' },
  ENOTDIR: { status: 127, reason: 'Not a directory' },
  EACCES: { status: 126, reason: 'Permission denied' },
}

/** Runs a program with the store's objects at `/store` and gives its exit status, as a shell does. */
export async function runInStore(context: Context, { command, args, env }: Program): Promise<number> {
  const store = await context.store()
  await store.suspend()
  const inPlace = store.objects === STORE_DIRECTORY
  const enter = ['enter', '--store', store.objects, '--', command, ...args]
  const start = (): ChildProcess =>
    inPlace
      ? spawn(command, args, { stdio: 'inherit', env })
      : spawn(context.programs.sandbox, enter, { stdio: 'inherit', env })
  // Some of what can be wrong with a program is thrown at once, some comes as an event.
  return new Promise<number>((resolve, reject) => {
    const child = start()
    passSignals(context, child)
    child.on('error', reject)
    child.on('exit', (status, signal) => resolve(status ?? 128 + constants.signals[signal!]))
  }).catch(error => {
    const known = unstartable[systemCode(error) ?? '']
    if (!inPlace || !known) throw error
    context.terminal.stream.write(`error: Cannot run "${command}": ${known.reason}\n`)
    return known.status
  })
}

/** What a terminal sends reaches the program by itself; what is sent to us alone is passed on. */
function passSignals(context: Context, child: ChildProcess): void {
  context.releaseSignals()
  for (const name of ['SIGINT', 'SIGQUIT'] as const) process.on(name, () => undefined)
  for (const name of ['SIGTERM', 'SIGHUP'] as const) process.on(name, () => void child.kill(name))
}
