import { readFileSync } from 'node:fs'
import type { Refusal } from './errors.js'

/** The value of a kernel setting, such as `kernel/unprivileged_userns_clone`; `undefined` where it does not exist. */
export type ReadSetting = (name: string) => string | undefined

export function readSetting(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name}`, 'latin1').trim()
  } catch {
    return undefined
  }
}

/** A kernel setting that stands in the way, and its value when it does. */
const switches: readonly { setting: string; blocks: (value: string) => boolean; remedy: string }[] = [
  {
    setting: 'kernel/unprivileged_userns_clone',
    blocks: value => value === '0',
    remedy: 'This system turns user namespaces off: sudo sysctl -w kernel.unprivileged_userns_clone=1',
  },
  {
    setting: 'user/max_user_namespaces',
    blocks: value => value === '0',
    remedy: 'This system allows no user namespaces: sudo sysctl -w user.max_user_namespaces=15000',
  },
  {
    setting: 'kernel/apparmor_restrict_unprivileged_userns',
    blocks: value => value === '1',
    remedy:
      'AppArmor restricts user namespaces: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or add a profile that allows "userns" to this program',
  },
]

const CONTAINER =
  'In a container, allow user namespaces: docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined; in a chroot there are none'

const OLD_KERNEL =
  'This kernel lacks a kind of namespace that builds need (time namespaces came with Linux 5.6): store doctor tells which'

const TOO_MANY =
  'Too many namespaces exist or are nested: wait for other builds to end, or raise the limits below /proc/sys/user'

const PROC =
  'Part of /proc is hidden here, as in most containers, so no new one may be mounted: podman run --security-opt unmask=ALL, docker run --security-opt systempaths=unconfined'

const NOT_PASSABLE = 'Every directory above it must be passable for the user who builds'

const FOREIGN_IDS =
  'The ids of builds are not among those of this container: set STORE_BUILD_UIDS=START:COUNT to a free range of its own'

const refused = new Set(['EPERM', 'EACCES'])

/** What to do about a refusal, by its step and the system's code; the first row that fits. */
const remedies: readonly { step: string; codes?: ReadonlySet<string>; remedy: string }[] = [
  { step: 'namespaces', codes: new Set(['EINVAL', 'ENOSYS']), remedy: OLD_KERNEL },
  { step: 'namespaces', codes: new Set(['ENOSPC', 'EUSERS']), remedy: TOO_MANY },
  { step: 'namespaces', remedy: CONTAINER },
  { step: 'id-maps', remedy: FOREIGN_IDS },
  { step: 'stage', codes: new Set(['EINVAL']), remedy: FOREIGN_IDS },
  { step: 'time-namespace', codes: new Set(['EINVAL']), remedy: OLD_KERNEL },
  {
    step: 'bind-input',
    codes: refused,
    remedy: NOT_PASSABLE,
  },
  {
    step: 'stage',
    codes: new Set(['ENOSPC', 'EDQUOT']),
    remedy: 'The disk of the store is full: free some space',
  },
  { step: 'stage', remedy: NOT_PASSABLE },
  { step: 'private-mounts', codes: refused, remedy: CONTAINER },
  { step: 'mount-root', codes: refused, remedy: CONTAINER },
  {
    step: 'enter-root',
    codes: new Set(['EINVAL']),
    remedy:
      'The root file system is an initramfs, which cannot be replaced: start from a real root file system',
  },
  {
    step: 'limit',
    remedy: 'Your hard limits are lower than those of a build: raise them with ulimit -H, or in limits.conf',
  },
  { step: 'fix-addresses', remedy: 'A filter of system calls forbids personality(2): run without it' },
]

/** What may be done about a refusal. Settings known to be in the way come before guesses. */
export function remedyFor({ step, code, about }: Refusal, read: ReadSetting): string {
  if (step === 'mount' && about === 'proc' && code === 'EPERM') return PROC
  if (refused.has(code) || code === 'ENOSPC') {
    const found = switches.find(({ setting, blocks }) => blocks(read(setting) ?? ''))
    if (found) return found.remedy
  }
  const row = remedies.find(row => row.step === step && (row.codes?.has(code) ?? true))
  return row?.remedy ?? 'store doctor tells what this machine allows'
}
