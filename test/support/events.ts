import type { BuildEvent, PlannedStep } from '../../builder/index.js'
import { anyPath } from './objects.js'

/** A step `name` that needs others, by name. */
export const planned = (
  name: string,
  fields: Partial<PlannedStep> & { after?: string[] } = {},
): PlannedStep => {
  const { after = [], ...rest } = fields
  return { path: anyPath(name), name, work: 'build', needs: after.map(anyPath), usual: undefined, ...rest }
}

/** What events name of the step `name`. */
export const about = (name: string, work: PlannedStep['work'] = 'build') => ({
  path: anyPath(name),
  name,
  work,
})

export const started = (name: string, work?: PlannedStep['work']): BuildEvent => ({
  kind: 'started',
  ...about(name, work),
})

export const finished = (name: string, work?: PlannedStep['work'], seconds = 1): BuildEvent => ({
  kind: 'finished',
  ...about(name, work),
  seconds,
})

export const failed = (name: string): BuildEvent => ({
  kind: 'failed',
  ...about(name),
  code: 'BUILD_FAILED',
  message: 'failed',
})
