import { readFileSync } from 'node:fs'
import type { Refusal } from './errors.js'

/** What a file below /proc says, such as `sys/kernel/yama/ptrace_scope`; `undefined` where it does not exist. */
export type ReadSetting = (name: string) => string | undefined

export function readSetting(name: string): string | undefined {
  try {
    return readFileSync(`/proc/${name}`, 'latin1').trim()
  } catch {
    return undefined
  }
}

/** A setting that stands in the way of namespaces or of the tracer, and its value when it does. */
const switches: readonly {
  setting: string
  of: 'namespaces' | 'trace'
  blocks: (value: string) => boolean
  remedy: string
}[] = [
  {
    of: 'namespaces',
    setting: 'sys/kernel/unprivileged_userns_clone',
    blocks: value => value === '0',
    remedy: 'This system turns user namespaces off: sudo sysctl -w kernel.unprivileged_userns_clone=1',
  },
  {
    of: 'namespaces',
    setting: 'sys/user/max_user_namespaces',
    blocks: value => value === '0',
    remedy: 'This system allows no user namespaces: sudo sysctl -w user.max_user_namespaces=15000',
  },
  {
    of: 'namespaces',
    setting: 'sys/kernel/apparmor_restrict_unprivileged_userns',
    blocks: value => value === '1',
    remedy:
      'AppArmor restricts user namespaces: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or add a profile that allows "userns" to this program',
  },
  {
    of: 'trace',
    setting: 'sys/kernel/yama/ptrace_scope',
    blocks: value => value === '3',
    remedy:
      'Yama lets nobody look into another process until the next start of the system: set kernel.yama.ptrace_scope to 2 or less below /etc/sysctl.d, and restart',
  },
  {
    of: 'trace',
    setting: 'cmdline',
    blocks: value => /(^|\s)proc_mem\.force_override=(never|ptrace)(\s|$)/.test(value),
    remedy:
      'This kernel was started with proc_mem.force_override, which keeps the tracer from entering programs: take it off the command line of the kernel, or set it to "always", and restart',
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

const OLD_FOR_TRACER = 'The tracer needs Linux 5.19 or newer: start a newer kernel'

const NO_SECCOMP =
  'A filter of system calls, as of a container, forbids seccomp(2), which the tracer needs: docker run --security-opt seccomp=unconfined'

const SECOND_LISTENER =
  'Something outside supervises system calls already, and the kernel allows only one that does: a container runtime with seccomp notifications, or a build that this one runs in; build outside of it'

const STRANGE_VDSO =
  'The vDSO of this kernel is unlike all that the tracer knows: start a kernel of a distribution, or start this one with vdso=0'

const NO_FORCED_WRITES =
  'This kernel allows no forced writes to /proc/PID/mem (CONFIG_PROC_MEM_NO_FORCE): start it with proc_mem.force_override=always'

const NO_LOOK_INSIDE =
  'Something keeps the tracer from entering the programs of a build: Yama (kernel.yama.ptrace_scope), SELinux (deny_ptrace, deny_execmem), a sealed vDSO (CONFIG_MSEAL_SYSTEM_MAPPINGS), or the profile of a container'

const NO_COUNTER_TRAP =
  'This processor, or rather the virtual machine that it is, lets programs read the time stamp counter although the kernel forbids it: build on another machine what sets "tsc: \'trap\'"'

const ESCAPES =
  'A program that was started under the tracer did not see its time: tell us of this kernel and processor; until then nothing can be built here'

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
  { step: 'tracer', codes: new Set(['EBUSY']), remedy: SECOND_LISTENER },
  { step: 'trace', codes: new Set(['EBUSY']), remedy: SECOND_LISTENER },
  { step: 'tracer', codes: new Set(['EINVAL']), remedy: OLD_FOR_TRACER },
  { step: 'tracer', codes: new Set(['ENOTSUP']), remedy: STRANGE_VDSO },
  { step: 'tracer', codes: new Set(['ENOSYS', 'EPERM', 'EACCES']), remedy: NO_SECCOMP },
  { step: 'trace', codes: new Set(['EIO']), remedy: NO_FORCED_WRITES },
  { step: 'trace', codes: new Set(['EINVAL']), remedy: OLD_FOR_TRACER },
  { step: 'trace', codes: new Set(['ENOSYS']), remedy: NO_SECCOMP },
  { step: 'trace', codes: refused, remedy: NO_LOOK_INSIDE },
  { step: 'trace', codes: new Set(['EPROTO']), remedy: ESCAPES },
  { step: 'counter', remedy: NO_COUNTER_TRAP },
  { step: 'fix-addresses', remedy: 'A filter of system calls forbids personality(2): run without it' },
]

/** What may be done about a refusal. Settings known to be in the way come before guesses. */
export function remedyFor({ step, code, about }: Refusal, read: ReadSetting): string {
  if (step === 'mount' && about === 'proc' && code === 'EPERM') return PROC
  if (refused.has(code) || code === 'ENOSPC' || code === 'EIO') {
    const tried = step === 'trace' ? 'trace' : 'namespaces'
    const found = switches.find(({ of, setting, blocks }) => of === tried && blocks(read(setting) ?? ''))
    if (found) return found.remedy
  }
  const row = remedies.find(row => row.step === step && (row.codes?.has(code) ?? true))
  return row?.remedy ?? 'store doctor tells what this machine allows'
}
