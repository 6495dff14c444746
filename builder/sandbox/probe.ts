import { execFile } from 'node:child_process'
import { getSystemErrorName, promisify } from 'node:util'
import { SandboxLost } from './errors.js'
import { type ReadSetting, readSetting, remedyFor } from './remedy.js'

/** Whether this machine lets us have one of the things a sandbox is made of. */
export type Feature = {
  readonly feature: string
  /** Whether every build needs it. */
  readonly needed: boolean
} & ({ readonly ok: true } | { readonly ok: false; readonly cause: string; readonly remedy: string })

/** The step of a build that fails without the feature, and what it is then about. */
const steps: Readonly<Record<string, readonly [step: string, about: string]>> = {
  'id-maps': ['id-maps', ''],
  mount: ['private-mounts', ''],
  'mount-proc': ['mount', 'proc'],
  'time-namespace': ['time-namespace', ''],
  'seccomp-notification': ['tracer', ''],
  'traced-program': ['trace', ''],
  'counter-trap': ['counter', ''],
}

/** What only those builds need that ask for it. */
const special: ReadonlySet<string> = new Set(['counter-trap'])

/** Tries each feature, as the user who asks. Nothing is left behind. */
export async function probeSandbox(
  helper: string,
  read: ReadSetting = readSetting,
): Promise<readonly Feature[]> {
  const { stdout } = await promisify(execFile)(helper, ['probe']).catch(cause => {
    throw new SandboxLost(helper, 'does not run', cause)
  })
  return stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      const [feature = '', errno = ''] = line.split(' ')
      const needed = !special.has(feature)
      if (errno === '0') return { feature, needed, ok: true }
      return { feature, needed, ok: false, ...explain(feature, getSystemErrorName(-Number(errno)), read) }
    })
}

function explain(feature: string, code: string, read: ReadSetting) {
  const [step, about] = steps[feature] ?? ['namespaces', '']
  return { cause: code, remedy: remedyFor({ step, code, about }, read) }
}
