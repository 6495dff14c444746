import { systemCode } from '../../store/index.js'

export interface ProblemDetails {
  readonly cause?: unknown
  /** Another attempt may go better: the connection broke, or the server was busy. */
  readonly passing?: boolean
  /** Nobody answered, as where the network is cut. It may pass, but soon or not at all. */
  readonly unreachable?: boolean
  /** The server, or this machine of its own files, said no: asking again gives the same. */
  readonly final?: boolean
}

/** Why one URL could not be had. Never shown alone: the fetch lists it when all URLs failed. */
export class UrlProblem extends Error {
  readonly passing: boolean
  readonly unreachable: boolean
  readonly final: boolean

  constructor(reason: string, details: ProblemDetails = {}) {
    const { passing = false, unreachable = false, final = false, ...options } = details
    super(reason, options)
    this.passing = passing || unreachable
    this.unreachable = unreachable
    this.final = final
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the host is unknown (DNS)',
  EAI_AGAIN: 'the name server does not answer (DNS)',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was reset',
  ETIMEDOUT: 'the connection timed out',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ENOENT: 'there is no such file',
  EACCES: 'the file may not be read',
  EISDIR: 'it is a directory',
}

const passing: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE'])
const unreachable: ReadonlySet<string> = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
])
const final: ReadonlySet<string> = new Set(['ENOENT', 'EACCES', 'EISDIR'])

/** Turns what a connection or a file threw into a cause a user can act on; the original stays its `cause`. */
export function asUrlProblem(error: unknown): UrlProblem {
  if (error instanceof UrlProblem) return error
  const code = systemCode(error) ?? systemCode(firstOf(error)) ?? ''
  const text = error instanceof Error && error.message !== '' ? error.message : String(error)
  return new UrlProblem(reasons[code] ?? text, {
    cause: error,
    passing: passing.has(code),
    unreachable: unreachable.has(code),
    final: final.has(code),
  })
}

/** Whether a server, or a proxy, that answers so is only busy. */
export const isPassingStatus = (status: number): boolean => status >= 500 || status === 429 || status === 408

/** A host with several addresses fails with one error for each. */
const firstOf = (error: unknown): unknown => (error instanceof AggregateError ? error.errors[0] : undefined)
