import type { BuildEvent, PlannedStep } from '../../builder/index.js'
import type { CollectProgress, StorePath } from '../../store/index.js'

/** `lost` is what cannot be realised because something it needs failed. */
export type Status = 'waiting' | 'blocked' | 'running' | 'done' | 'failed' | 'stopped' | 'lost'

/** One step as the view knows it. Times are seconds on the view's clock. */
export interface StepState extends PlannedStep {
  status: Status
  since: number
  phase: string
  /** What a build printed last, or why a fetch does not come on. */
  line: string
  bytes: number
  total: number | undefined
  /** A moment not long ago, and the bytes that were there then: the speed is measured from it. */
  mark: { time: number; bytes: number }
  nextMark: { time: number; bytes: number }
}

/** All that is known of a realisation. */
export interface View {
  readonly steps: Map<StorePath, StepState>
  /** For each step, those that need it. */
  readonly dependents: Map<StorePath, StorePath[]>
  started: number
  /** How far a collection is that makes room for the builds. */
  collection: CollectProgress | undefined
}

export const emptyView = (now: number): View => ({
  steps: new Map(),
  dependents: new Map(),
  started: now,
  collection: undefined,
})

/** Seconds over which a speed is measured: between one and two of these. */
const WINDOW = 2

/** Takes an event into account that came at `now`. */
export function update(view: View, event: BuildEvent, now: number): void {
  if (event.kind === 'planned') {
    for (const step of event.steps) plan(view, step, now)
    return
  }
  if (event.kind === 'collecting') view.collection = event.progress
  if (event.kind === 'collected') view.collection = undefined
  const step = 'path' in event ? view.steps.get(event.path) : undefined
  if (!step) return
  switch (event.kind) {
    case 'started':
      Object.assign(step, fresh(step, now), { status: 'running' })
      break
    case 'waiting':
      Object.assign(step, { status: 'blocked', since: now })
      break
    case 'found':
    case 'finished':
      step.status = 'done'
      break
    case 'stopped':
      step.status = 'stopped'
      break
    case 'failed':
      step.status = 'failed'
      lose(view, event.path)
      break
    case 'phase':
      step.phase = event.phase
      step.line = ''
      break
    case 'line':
      step.line = event.line
      break
    case 'retrying':
      step.line = `${event.url}: ${event.reason}`
      break
    case 'progress':
      step.line = ''
      noteProgress(step, event, now)
  }
}

function plan(view: View, planned: PlannedStep, now: number): void {
  view.steps.set(planned.path, fresh(planned, now))
  for (const need of planned.needs) {
    const list = view.dependents.get(need)
    if (list) list.push(planned.path)
    else view.dependents.set(need, [planned.path])
  }
}

const fresh = ({ path, name, work, needs, usual }: PlannedStep, now: number): StepState => ({
  path,
  name,
  work,
  needs,
  usual,
  status: 'waiting',
  since: now,
  phase: '',
  line: '',
  bytes: 0,
  total: undefined,
  mark: { time: now, bytes: 0 },
  nextMark: { time: now, bytes: 0 },
})

function lose(view: View, failed: StorePath): void {
  const reached = [failed]
  for (let path = reached.pop(); path !== undefined; path = reached.pop()) {
    for (const dependent of view.dependents.get(path) ?? []) {
      const step = view.steps.get(dependent)!
      if (step.status !== 'waiting') continue
      step.status = 'lost'
      reached.push(dependent)
    }
  }
}

function noteProgress(
  step: StepState,
  { bytes, total }: { readonly bytes: number; readonly total: number | undefined },
  now: number,
): void {
  // Another place was asked, and began anew.
  if (bytes < step.bytes) step.mark = step.nextMark = { time: now, bytes }
  Object.assign(step, { bytes, total })
  if (now - step.nextMark.time < WINDOW) return
  step.mark = step.nextMark
  step.nextMark = { time: now, bytes }
}

/** Bytes a second, lately; a download that stalls gets slower and slower. */
export const speedOf = ({ bytes, mark }: StepState, now: number): number =>
  now - mark.time < 0.3 ? 0 : (bytes - mark.bytes) / (now - mark.time)
