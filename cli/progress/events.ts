import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import type { BuildEvent } from '../../builder/index.js'
import { formatStorePath, type StorePath, systemCode } from '../../store/index.js'
import { Usage } from '../errors.js'
import type { Progress } from './progress.js'

/** The format of the stream: its first record names it. */
export const EVENTS_FORMAT = 'events-1'

/** Bytes that may wait for a reader; beyond them lines of logs are left out. */
const BACKLOG = 16 << 20

/** Writes every event into `file` as a line of JSON, for programs. The reader may go at any time. */
export async function writeEvents(file: string, now: () => number): Promise<Progress> {
  const stream = createWriteStream(file)
  await once(stream, 'open').catch(error => {
    throw new Usage(`--events cannot write "${file}": ${systemCode(error) ?? error.message}`, {
      hint: 'Name a file in a folder that you may write, or /dev/fd/3',
    })
  })
  // A reader that has gone is not told any more; the builds go on.
  stream.on('error', () => stream.destroy())
  const write = (record: object): void => {
    if (stream.writable) stream.write(`${JSON.stringify(record)}\n`)
  }
  let skipped = 0
  write({ format: EVENTS_FORMAT })
  return {
    report: event => {
      if (event.kind === 'line' && stream.writableLength > BACKLOG) skipped++
      else write({ at: Math.round(now() * 1000) / 1000, ...encodeEvent(event) })
    },
    end: async () => {
      if (skipped > 0) write({ kind: 'skipped', lines: skipped })
      stream.end()
      await finished(stream).catch(() => undefined)
    },
  }
}

/** The record of an event, as EVENTS.md describes it. */
export function encodeEvent(event: BuildEvent): object {
  switch (event.kind) {
    case 'planned':
      return {
        kind: event.kind,
        steps: event.steps.map(({ path, name, work, needs, usual }) => ({
          path: formatStorePath(path),
          name,
          work,
          needs: needs.map(formatStorePath),
          ...(usual !== undefined && { usual }),
        })),
      }
    case 'started':
    case 'waiting':
    case 'found':
    case 'stopped':
      return about(event)
    case 'finished':
      return { ...about(event), seconds: round(event.seconds) }
    case 'failed':
      return { ...about(event), code: event.code, message: event.message }
    case 'phase':
      return { kind: event.kind, path: formatStorePath(event.path), phase: event.phase }
    case 'line':
      return { kind: event.kind, path: formatStorePath(event.path), name: event.name, line: event.line }
    case 'progress': {
      const { bytes, total } = event
      return {
        kind: event.kind,
        path: formatStorePath(event.path),
        bytes,
        ...(total !== undefined && { total }),
      }
    }
    case 'retrying': {
      const { url, reason, seconds } = event
      return {
        kind: event.kind,
        path: formatStorePath(event.path),
        url,
        reason,
        ...(seconds !== undefined && { seconds }),
      }
    }
    case 'collecting': {
      const { step, marked, swept } = event.progress
      return {
        kind: event.kind,
        step,
        ...(marked && { found: marked.found, live: marked.live }),
        ...(swept && { deleted: swept.objects, freed: swept.bytes }),
      }
    }
    case 'collected':
      return { kind: event.kind, deleted: event.objects, freed: event.bytes }
    case 'warning':
      return { kind: event.kind, text: event.text }
    case 'ended':
      return { kind: event.kind, seconds: round(event.seconds) }
  }
}

const round = (seconds: number): number => Math.round(seconds * 1000) / 1000

const about = ({
  kind,
  path,
  name,
  work,
}: {
  kind: string
  path: StorePath
  name: string
  work: string
}) => ({
  kind,
  path: formatStorePath(path),
  name,
  work,
})
