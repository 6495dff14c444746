import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { type StorePath, writing } from '../../store/index.js'

/** How many last lines a failure shows. */
const TAIL = 20

/** Bytes of a line that are kept for showing; the file has all of them. */
const LONGEST = 4096

/** The log of one build, written compressed while it runs. */
export interface BuildLog {
  /** Where it will lie when it is closed. */
  readonly file: string
  /** While the returned promise is pending, the build is to be held up. */
  write(chunk: Buffer): Promise<void>
  /** The last lines, without the marks of phases. */
  tail(): readonly string[]
  /** Puts the log in place, replacing that of an earlier build. */
  close(): Promise<void>
}

/** Where the log of a derivation lies. */
export const logFile = (state: string, derivation: StorePath): string =>
  join(state, 'log', derivation.slice(0, 2), `${derivation.slice(2)}.gz`)

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
  const last: string[] = []
  const lines = splitLines(line => {
    if (!phaseOf(line)) last.push(line)
    if (last.length > TAIL) last.shift()
    onLine(line)
  })
  return {
    file,
    write: async chunk => {
      lines.write(chunk)
      if (!gzip.write(chunk)) await Promise.race([once(gzip, 'drain'), written])
    },
    tail: () => last,
    close: () =>
      writing(file, async () => {
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

/** The phase that a line of a build announces, or `undefined`. */
export const phaseOf = (line: string): string | undefined => /^@phase ([a-z][a-z0-9-]*)$/.exec(line)?.[1]

/** Cuts bytes into lines without their ends; an overlong line is cut short. */
function splitLines(onLine: (line: string) => void): { write(chunk: Buffer): void; end(): void } {
  let rest = Buffer.alloc(0)
  return {
    write: chunk => {
      let from = 0
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
        const piece = Buffer.concat([rest, chunk.subarray(from, Math.min(end, from + LONGEST))])
        onLine(piece.toString('utf8', 0, LONGEST).replace(/\r$/, ''))
        rest = Buffer.alloc(0)
        from = end + 1
      }
      if (rest.length < LONGEST) rest = Buffer.concat([rest, chunk.subarray(from, from + LONGEST)])
    },
    end: () => {
      if (rest.length > 0) onLine(rest.toString('utf8', 0, LONGEST))
    },
  }
}
