import { availableParallelism } from 'node:os'
import type { BuildSettings } from '../builder/index.js'
import type { Arguments } from './command.js'
import { Usage } from './errors.js'

/** The options of every command that builds what it needs. */
export const buildOptions = {
  jobs: { alias: 'j', type: 'number', describe: 'Build at most N packages at once' },
  cores: { type: 'number', describe: 'Let each build use N processors' },
  timeout: { type: 'number', describe: 'End a build after N seconds' },
  'max-silent-time': { type: 'number', describe: 'End a build that prints nothing for N seconds' },
  'keep-going': { alias: 'k', type: 'boolean', describe: 'Go on with what a failure does not touch' },
  'keep-failed': { alias: 'K', type: 'boolean', describe: 'Keep the directory of a failed build' },
  events: { type: 'string', describe: 'Write what goes on into a file, as lines of JSON' },
} as const

export function readSettings(args: Arguments): BuildSettings {
  const positive = <T>(name: string, otherwise: T): number | T => {
    const value = args.count(name)
    if (value === 0)
      throw new Usage(`--${name} needs a number above 0`, {
        hint: `Leave out --${name} for its default`,
      })
    return value ?? otherwise
  }
  return {
    jobs: positive('jobs', availableParallelism()),
    cores: positive('cores', availableParallelism()),
    timeout: positive('timeout', undefined),
    maxSilentTime: positive('max-silent-time', undefined),
    rounds: positive('rounds', 1),
    keepGoing: args.flag('keep-going'),
    keepFailed: args.flag('keep-failed'),
    tracing: { kind: 'declared' },
  }
}
