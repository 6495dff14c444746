import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** A running program that answers each line with a line. */
export interface Talking {
  readonly child: ChildProcess
  /** The answer; `undefined` when the program ended. */
  ask(line: string): Promise<string | undefined>
  readonly ended: Promise<unknown>
}

export function talk(program: string): Talking {
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  child.stdin.on('error', () => undefined)
  return {
    child,
    ended: once(child, 'close'),
    ask: async line => {
      child.stdin.write(`${line}\n`)
      const { value, done } = await lines.next()
      return done ? undefined : value
    },
  }
}
