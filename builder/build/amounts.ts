import type { Lowered } from '../derivation/derivation.js'
import { type AmountContext, askAmount } from '../fetch/amount.js'
import type { FetchRequest } from '../fetch/fetch.js'
import type { Step } from '../plan/plan.js'
import { requestOf } from './fetched.js'

/** What a plan would download, as far as anybody knows. */
export interface Amount {
  readonly bytes: number
  /** Fetches of which nobody says how large they are. */
  readonly unknown: number
}

/** Servers that are asked at a time. */
const AT_ONCE = 8

/** Milliseconds after which no server is asked any more. */
const PATIENCE = 10_000

/** What git sends, no server says beforehand. */
const askable = (lowered: Lowered): FetchRequest => ({
  ...requestOf(lowered),
  ...(lowered.derivation.builder === 'builtin:fetch-git' && { urls: [] }),
})

/** Asks the servers how large the files are that steps of the work `fetch` would download. */
export async function sumAmounts(
  fetches: readonly Step[],
  context: AmountContext,
  report: (asked: number) => void,
): Promise<Amount> {
  const deadline = AbortSignal.timeout(PATIENCE)
  const signal = context.signal ? AbortSignal.any([context.signal, deadline]) : deadline
  const hurried = { ...context, signal, timeouts: { connect: 4000, stall: 4000 } }
  const amounts: (number | undefined)[] = []
  const queue = fetches.values()
  const work = async (): Promise<void> => {
    for (const { lowered } of queue) {
      amounts.push(await askAmount(askable(lowered), hurried))
      report(amounts.length)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  context.signal?.throwIfAborted()
  const known = amounts.filter(amount => amount !== undefined)
  return { bytes: known.reduce((sum, bytes) => sum + bytes, 0), unknown: amounts.length - known.length }
}
