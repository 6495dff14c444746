import { firstError, StoreError } from '../../store/index.js'
import type { Lowered } from '../derivation/derivation.js'
import type { Work } from '../plan/plan.js'
import type { Report } from './events.js'

/** Tells that a step starts, and how it ends. */
export async function telling<T>(
  report: Report,
  { path, derivation: { name } }: Lowered,
  kind: Work,
  { signal, work }: { readonly signal: AbortSignal; readonly work: () => Promise<T> },
): Promise<T> {
  const about = { path, name, work: kind }
  const start = performance.now()
  report({ kind: 'started', ...about })
  try {
    const result = await work()
    report({ kind: 'finished', ...about, seconds: (performance.now() - start) / 1000 })
    return result
  } catch (wrapped) {
    const error = firstError(wrapped)
    const message = error instanceof Error ? error.message : String(error)
    const code = error instanceof StoreError ? error.code : 'DEFECT'
    report(signal.aborted ? { kind: 'stopped', ...about } : { kind: 'failed', ...about, code, message })
    throw wrapped
  }
}
