import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import headless from '@xterm/headless'
import { builtFile } from './built.js'

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The program that runs others on a terminal, compiled when it is needed. */
function ptyProgram(): string {
  const source = file('../../test/support/pty.c')
  const program = builtFile('pty')
  if (!existsSync(program) || statSync(program).mtimeMs < statSync(source).mtimeMs) {
    mkdirSync(dirname(program), { recursive: true })
    const made = `${program}-${process.pid}`
    execFileSync('cc', ['-O1', '-Wall', '-Werror', '-o', made, source, '-lutil'])
    renameSync(made, program)
  }
  return program
}

export interface Size {
  readonly columns: number
  readonly rows: number
}

/** A command on a terminal, and what a person sees of it. */
export interface Session {
  /** The terminal itself. */
  readonly emulator: headless.Terminal
  /** The lines of the screen from top to bottom, without trailing blanks. */
  screen(): Promise<readonly string[]>
  /** What scrolled out, and the screen, without empty lines at the end. */
  everything(): Promise<readonly string[]>
  isCursorHidden(): Promise<boolean>
  /** Every byte that was written to the terminal. */
  written(): string
  type(text: string): void
  resize(size: Size): Promise<void>
  /** Waits until the text that can be seen matches; fails when the command ends before. */
  waitFor(pattern: RegExp): Promise<string>
  /** The process of the command. */
  pid(): number
  readonly ended: Promise<number | null>
}

/** Runs a command on a terminal of the given size. Output that was not yet drawn is drawn before anything is answered. */
export function openTerminal(
  command: readonly string[],
  size: Size,
  options: { readonly env: NodeJS.ProcessEnv; readonly cwd: string },
): Session {
  const child = spawn(ptyProgram(), [String(size.columns), String(size.rows), ...command], {
    ...options,
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
  })
  const emulator = new headless.Terminal({
    cols: size.columns,
    rows: size.rows,
    allowProposedApi: true,
    scrollback: 10_000,
  })
  let written = ''
  let isOver = false
  child.stdout!.setEncoding('utf8').on('data', text => {
    written += text
    emulator.write(text)
  })
  child.stdin!.on('error', () => undefined)
  const ended = new Promise<number | null>(resolve => {
    child.on('close', status => {
      isOver = true
      resolve(status)
    })
  })
  const settled = (): Promise<void> => new Promise(resolve => emulator.write('', resolve))
  const lines = async (from: number): Promise<string[]> => {
    await settled()
    const { active } = emulator.buffer
    return Array.from(
      { length: active.length - from },
      (_, i) => active.getLine(from + i)?.translateToString(true) ?? '',
    )
  }
  const screen = async () => {
    await settled()
    return (await lines(emulator.buffer.active.baseY)).slice(0, emulator.rows)
  }
  const session: Session = {
    emulator,
    screen,
    everything: async () => {
      const all = await lines(0)
      while (all.at(-1) === '') all.pop()
      return all
    },
    isCursorHidden: async () => {
      await settled()
      return written.lastIndexOf('\u001b[?25l') > written.lastIndexOf('\u001b[?25h')
    },
    written: () => written,
    type: text => void child.stdin!.write(text),
    resize: async ({ columns, rows }) => {
      await settled()
      emulator.resize(columns, rows)
      ;(child.stdio[3] as Writable).write(`${columns} ${rows}\n`)
    },
    waitFor: async pattern => {
      for (;;) {
        const text = (await screen()).join('\n')
        if (pattern.test(text)) return text
        if (isOver) throw new Error(`The command ended, and ${pattern} was not seen:\n${written}`)
        await delay(20)
      }
    },
    pid: () => {
      const children = `/proc/${child.pid}/task/${child.pid}/children`
      for (;;) {
        const pid = Number(readFileSync(children, 'latin1').trim())
        if (pid > 0) return pid
      }
    },
    ended,
  }
  return session
}
