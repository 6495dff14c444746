import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { systemCode } from './error.js'

/** How long a woken process may take to let go. */
const PATIENCE = 3000
const POLL = 5

/**
 * Lets a stopped process go on until it no longer holds what we wait for, then stops it again.
 * `findHolder` says who holds it. Does nothing when nobody does, or the holder is running.
 */
export async function wakeHolder(findHolder: () => Promise<number | undefined> | undefined): Promise<void> {
  const pid = await findHolder()
  if (pid === undefined || pid === process.pid || !(await isStopped(pid))) return
  if (!send(pid, 'SIGCONT')) return
  const deadline = Date.now() + PATIENCE
  do await delay(POLL)
  while ((await findHolder()) === pid && Date.now() < deadline)
  send(pid, 'SIGSTOP')
}

/** Whether the process is stopped. The state in `/proc/PID/stat` follows the program's name, which may itself contain parentheses. */
export async function isStopped(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  return stat.charAt(stat.lastIndexOf(')') + 2) === 'T'
}

/** Whether there is a process of this id, whoever's it is. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return systemCode(error) === 'EPERM'
  }
}

/** False when the process is gone, or another user's. */
function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}
