import type { ClientRequest, IncomingMessage } from 'node:http'
import { UrlProblem } from './problem.js'

/** In milliseconds: until a connection stands, and until the next byte comes. */
export interface Timeouts {
  readonly connect: number
  readonly stall: number
}

/** Ends a connection on which nothing happens for too long. */
export interface Watchdog {
  expect(what: keyof Timeouts): void
  rest(): void
}

export function makeWatchdog(timeouts: Timeouts, end: (problem: UrlProblem) => void): Watchdog {
  let timer: NodeJS.Timeout | undefined
  const rest = (): void => clearTimeout(timer)
  return {
    rest,
    expect(what) {
      rest()
      const seconds = timeouts[what] / 1000
      const sentence = what === 'connect' ? `no connection within ${seconds} s` : `no byte for ${seconds} s`
      timer = setTimeout(
        () =>
          end(new UrlProblem(`timed out: ${sentence}`, { passing: true, unreachable: what === 'connect' })),
        timeouts[what],
      )
    },
  }
}

/** Sends `request` and waits for the head of its answer, guarded by `watchdog`. */
export function waitFor(
  request: ClientRequest,
  event: 'response' | 'connect',
  watchdog: Watchdog,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    watchdog.expect('connect')
    request.on('socket', socket => {
      if (!socket.connecting && !('encrypted' in socket)) watchdog.expect('stall')
      socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => watchdog.expect('stall'))
    })
    request.on('error', reject)
    request.once(event, (response: IncomingMessage) => {
      watchdog.rest()
      resolve(response)
    })
    request.end()
  })
}
