import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { StringDecoder } from 'node:string_decoder'
import { constants, createGunzip, createGzip } from 'node:zlib'
import { isRunning, type StorePath, systemCode, writing } from '../../store/index.js'
import { complaintOf } from './complaints.js'
import type { FailureDetails, LogLine } from './errors.js'

/** How many last lines a failure shows. */
const TAIL = 20

/** Characters of a line that are kept for showing; the file has all of them. */
const LONGEST = 4096

/** How many of the lines that say what went wrong a failure shows beside its last lines. */
const FOUND = 5

/** Milliseconds after which what a build printed can be read by others. */
const DELAY = 500

/** The log of one build, written compressed while it runs. */
export interface BuildLog {
  /** Where it will lie when it is closed. */
  readonly file: string
  /** While the returned promise is pending, the build is to be held up. */
  write(chunk: Buffer): Promise<void>
  /** What a failure shows: the last lines, without the marks of phases, and those before that tell most. */
  excerpt(): Pick<FailureDetails, 'tail' | 'found'>
  /** Puts the log in place, replacing that of an earlier build. */
  close(): Promise<void>
}

/** Where the log of a derivation lies. */
export const logFile = (state: string, derivation: StorePath): string =>
  join(state, 'log', derivation.slice(0, 2), `${derivation.slice(2)}.gz`)

/** The log of the build that runs now, or else of the last one; `undefined` when there is none. */
export async function findLog(state: string, derivation: StorePath): Promise<string | undefined> {
  const file = logFile(state, derivation)
  const names = await readdir(dirname(file)).catch((error): string[] => {
    if (systemCode(error) === 'ENOENT') return []
    throw error
  })
  const prefix = `${basename(file)}.`
  const growing = names.find(name => name.startsWith(prefix) && isRunning(Number(name.slice(prefix.length))))
  if (growing !== undefined) return join(dirname(file), growing)
  return names.includes(basename(file)) ? file : undefined
}

/** The text of a log, which may still be growing. */
export function readLog(file: string): Readable {
  const text = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH })
  // Whoever reads the text learns of it.
  pipeline(createReadStream(file), text).catch(() => undefined)
  return text
}

/** Starts a log; `onLine` gets each line as it is complete. */
export async function openLog(
  state: string,
  derivation: StorePath,
  onLine: (line: string) => void,
): Promise<BuildLog> {
  const file = logFile(state, derivation)
  await mkdir(dirname(file), { recursive: true })
  const partial = `${file}.${process.pid}`
  const gzip = createGzip({ level: 6 })
  const written = pipeline(gzip, createWriteStream(partial))
  // Whoever closes the log learns of it.
  written.catch(() => undefined)
  const excerpt = makeExcerpt()
  const lines = splitLines(line => {
    excerpt.add(line)
    onLine(line)
  })
  let flushing: NodeJS.Timeout | undefined
  const flush = (): void => {
    flushing = undefined
    gzip.flush(constants.Z_SYNC_FLUSH)
  }
  return {
    file,
    write: async chunk => {
      lines.write(chunk)
      flushing ??= setTimeout(flush, DELAY).unref()
      if (!gzip.write(chunk)) await Promise.race([once(gzip, 'drain'), written])
    },
    excerpt: excerpt.read,
    close: () =>
      writing(file, async () => {
        clearTimeout(flushing)
        lines.end()
        gzip.end()
        try {
          await written
          await rename(partial, file)
        } catch (error) {
          await rm(partial, { force: true })
          throw error
        }
      }),
  }
}

/** Remembers the last lines, and the first of the last phase that say what went wrong. */
function makeExcerpt(): { add(line: string): void; read(): ReturnType<BuildLog['excerpt']> } {
  const last: LogLine[] = []
  let found: LogLine[] = []
  let number = 0
  return {
    add: text => {
      number++
      if (phaseOf(text)) {
        found = []
        return
      }
      last.push({ number, text })
      if (last.length > TAIL) last.shift()
      if (found.length < FOUND && complaintOf(text) === 'cause') found.push({ number, text })
    },
    read: () => ({
      tail: last.map(({ text }) => text),
      found: found.filter(line => last.every(({ number }) => number > line.number)),
    }),
  }
}

/** The phase that a line of a build announces, or `undefined`. */
export const phaseOf = (line: string): string | undefined =>
  line.startsWith('@phase ') ? /^@phase ([a-z][a-z0-9-]*)$/.exec(line)?.[1] : undefined

/** Cuts text into lines without their ends; an overlong line is cut short. */
function splitLines(onLine: (line: string) => void): { write(chunk: Buffer): void; end(): void } {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  const tell = (line: string): void =>
    onLine((line.endsWith('\r') ? line.slice(0, -1) : line).slice(0, LONGEST))
  return {
    write: chunk => {
      const lines = decoder.write(chunk).split('\n')
      lines[0] = rest + lines[0]
      rest = lines.pop()!.slice(0, LONGEST)
      for (const line of lines) tell(line)
    },
    end: () => {
      rest += decoder.end()
      if (rest !== '') tell(rest)
    },
  }
}
