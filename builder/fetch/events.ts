import type { Pause } from './attempts.js'

/** What a fetch tells while it runs. URLs are shown without their passwords. */
export type FetchEvent =
  | { readonly kind: 'start'; readonly name: string; readonly url: string }
  | {
      readonly kind: 'progress'
      readonly name: string
      readonly url: string
      readonly bytes: number
      /** Unknown when the server does not announce it. */
      readonly total: number | undefined
    }
  /** This URL failed or served something else; the next one is tried. */
  | { readonly kind: 'failed'; readonly name: string; readonly url: string; readonly reason: string }
  /** What came of this URL broke off, or nothing did: it is asked again after a pause. */
  | ({ readonly kind: 'retry'; readonly name: string } & Pause)
  /** Something was wrong that did not stop the fetch, such as a cache that cannot be written. */
  | { readonly kind: 'warning'; readonly name: string; readonly message: string }
  | { readonly kind: 'done'; readonly name: string; readonly from: string; readonly bytes: number }

export type Report = (event: FetchEvent) => void

const interval = 100

/** Passes on every event, but progress at most ten times a second. */
export function limitProgress(report: Report, now: () => number = () => performance.now()): Report {
  let last = Number.NEGATIVE_INFINITY
  return event => {
    if (event.kind === 'progress') {
      if (now() - last < interval) return
      last = now()
    }
    report(event)
  }
}

/** Tells of the pauses of a fetch. */
export const reportPauses =
  (name: string, report: Report) =>
  ({ url, ...pause }: Pause): void =>
    report({ kind: 'retry', name, url: showUrl(url), ...pause })

/** A URL as it may be shown: without user name and password. */
export const showUrl = (url: string): string => url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1')
