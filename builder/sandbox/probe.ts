import { execFile } from 'node:child_process'
import { getSystemErrorName, promisify } from 'node:util'
import { SandboxLost } from './errors.js'
import { type ReadSetting, readSetting, remedyFor } from './remedy.js'

/** Whether this machine lets us have one of the things a sandbox is made of. */
export type Feature =
  | { readonly feature: string; readonly ok: true }
  | { readonly feature: string; readonly ok: false; readonly cause: string; readonly remedy: string }

/** The step of a build that fails without the feature, and what it is then about. */
const steps: Readonly<Record<string, readonly [step: string, about: string]>> = {
  'id-maps': ['id-maps', ''],
  mount: ['private-mounts', ''],
  'mount-proc': ['mount', 'proc'],
  'time-namespace': ['time-namespace', ''],
  'seccomp-notification': ['tracer', ''],
  'traced-program': ['trace', ''],
}

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
      return errno === '0'
        ? { feature, ok: true }
        : failure(feature, getSystemErrorName(-Number(errno)), read)
    })
}

function failure(feature: string, code: string, read: ReadSetting): Feature {
  const [step, about] = steps[feature] ?? ['namespaces', '']
  return { feature, ok: false, cause: code, remedy: remedyFor({ step, code, about }, read) }
}
