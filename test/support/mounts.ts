import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { systemCode } from '../../store/index.js'
import { temporaryDirectory } from './store.js'

/**
 * A shell in a mount namespace of its own, in which it may mount. Its mounts, and the loop devices behind them, are
 * gone with it, however that happens.
 */
export interface Mounts extends AsyncDisposable {
  /** An empty directory, in which to mount. */
  readonly path: string
  /** The same directory as it is seen in there, for whoever is outside. */
  readonly outside: string
  /** A command that runs another, which follows as its last arguments, in there. Its working directory is `/`. */
  readonly within: readonly string[]
  /** Runs a line of shell in there; fails, with what it wrote, unless it ends with 0. */
  sh(line: string): Promise<void>
}

/** `undefined` where this user may make no namespace. Without root only a tmpfs can be mounted. */
export async function makeMounts(): Promise<Mounts | undefined> {
  const isRoot = process.geteuid!() === 0
  const temporary = await temporaryDirectory()
  const shell = spawn('unshare', [isRoot ? '-m' : '-rm', 'sh'], { stdio: ['pipe', 'pipe', 'ignore'] })
  const lines = createInterface(shell.stdout)[Symbol.asyncIterator]()
  shell.stdin.on('error', () => undefined)
  const sh = async (line: string): Promise<void> => {
    shell.stdin.write(`{ ${line}\n} >'${temporary.path}.out' 2>&1 </dev/null; echo $?\n`)
    const { value } = await lines.next()
    if (value === '0') return
    throw new Error(`${line}: ${value ?? 'the shell has ended'}`)
  }
  const dispose = async (): Promise<void> => {
    await end(shell)
    rmSync(`${temporary.path}.out`, { force: true })
    await temporary[Symbol.asyncDispose]()
  }
  if ((await sh('true').catch(error => error)) instanceof Error) {
    await dispose()
    return undefined
  }
  const enter = [
    'nsenter',
    '--target',
    String(shell.pid),
    ...(isRoot ? [] : ['--user', '--preserve-credentials']),
  ]
  return {
    path: temporary.path,
    outside: `/proc/${shell.pid}/root${temporary.path}`,
    within: [...enter, '--mount'],
    sh,
    [Symbol.asyncDispose]: dispose,
  }
}

async function end(shell: ChildProcess): Promise<void> {
  if (shell.exitCode !== null || shell.signalCode !== null) return
  shell.stdin!.end()
  await once(shell, 'close')
}

/** A tmpfs of so many bytes. */
export async function makeSmallDisk(bytes: number): Promise<Mounts | undefined> {
  const mounts = await makeMounts()
  await mounts?.sh(`mount -t tmpfs -o size=${bytes},mode=755 tmpfs ${mounts.path}`)
  return mounts
}

/** Fills the file system of `directory` to the last byte, then gives `left` bytes back. Deleting the file gives all. */
export function fillDisk(directory: string, left: number): string {
  const path = join(directory, 'fill')
  const file = openSync(path, 'w')
  let size = 0
  for (const piece of [1 << 20, 1 << 12, 1])
    try {
      for (;;) size += writeSync(file, Buffer.alloc(piece))
    } catch (error) {
      if (systemCode(error) !== 'ENOSPC') throw error
    }
  ftruncateSync(file, Math.max(0, size - left))
  closeSync(file)
  return path
}
