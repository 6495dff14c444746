import type { StorePath } from '../../store/index.js'
import type { StepState, View } from './state.js'

/** A step and, below it, those that it waits for; each step stands in one place only. */
export interface Branch {
  readonly step: StepState
  readonly below: readonly Branch[]
  /** Something goes on here or below, or has failed. */
  readonly isActive: boolean
  /** Steps here and below; and those of them that are active. */
  readonly size: number
  readonly activeSize: number
  readonly depth: number
}

/** A step, where it stands: for each level whether more follows on it, the last one being its own. */
export interface Row {
  readonly step: StepState
  readonly levels: readonly boolean[]
}

const closed = new Set(['done', 'lost'])

const isOpen = (step: StepState | undefined): step is StepState =>
  step !== undefined && step.work !== 'fetch' && !closed.has(step.status)

/** The builds that are not done, from those that were asked for down to those that run. */
export function growForest({ steps, dependents }: View): readonly Branch[] {
  const seen = new Set<StorePath>()
  const grow = (step: StepState, level: number): Branch => {
    seen.add(step.path)
    const below: Branch[] = []
    // Deeper than this nothing is shown as a tree.
    if (level < 200)
      for (const path of step.needs) {
        const need = steps.get(path)
        if (isOpen(need) && !seen.has(path)) below.push(grow(need, level + 1))
      }
    below.sort((a, b) => Number(b.isActive) - Number(a.isActive))
    const isActive = step.status !== 'waiting' || below.some(branch => branch.isActive)
    const sum = (key: 'size' | 'activeSize') => below.reduce((n, branch) => n + branch[key], 0)
    return {
      step,
      below,
      isActive,
      size: 1 + sum('size'),
      activeSize: (isActive ? 1 : 0) + sum('activeSize'),
      depth: 1 + Math.max(0, ...below.map(({ depth }) => depth)),
    }
  }
  const isRoot = (step: StepState): boolean =>
    !(dependents.get(step.path) ?? []).some(path => isOpen(steps.get(path)))
  return [...steps.values()].filter(step => isOpen(step) && isRoot(step)).map(step => grow(step, 0))
}

/** What fits into `rows` rows and levels: all, or what leads to something active, or else what is active alone. */
export function chooseRows(
  view: View,
  room: { readonly rows: number; readonly levels: number },
): readonly Row[] {
  const forest = growForest(view)
  const total = (key: 'size' | 'activeSize') => forest.reduce((n, branch) => n + branch[key], 0)
  if (Math.max(0, ...forest.map(({ depth }) => depth)) <= room.levels) {
    if (total('size') <= room.rows) return flatten(forest, () => true)
    if (total('activeSize') <= room.rows) return flatten(forest, branch => branch.isActive)
  }
  const active = [...view.steps.values()].filter(step => isOpen(step) && step.status !== 'waiting')
  return active.map(step => ({ step, levels: [] }))
}

function flatten(forest: readonly Branch[], isShown: (branch: Branch) => boolean): readonly Row[] {
  const rows: Row[] = []
  const visit = (branch: Branch, levels: readonly boolean[]): void => {
    rows.push({ step: branch.step, levels })
    const shown = branch.below.filter(isShown)
    for (const [i, child] of shown.entries()) visit(child, [...levels, i < shown.length - 1])
  }
  for (const branch of forest.filter(isShown)) visit(branch, [])
  return rows
}
