import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { probeSandbox } from '../../../builder/sandbox/probe.js'
import { remedyFor } from '../../../builder/sandbox/remedy.js'
import { whyNoTrap } from '../../support/counter.js'
import { sandboxProgram } from '../../support/sandbox.js'
import { temporaryDirectory } from '../../support/store.js'

const none = () => undefined

test.each([
  [
    'namespaces',
    'EPERM',
    '',
    'sys/kernel/unprivileged_userns_clone',
    '0',
    'kernel.unprivileged_userns_clone=1',
  ],
  ['namespaces', 'ENOSPC', '', 'sys/user/max_user_namespaces', '0', 'user.max_user_namespaces'],
  ['private-mounts', 'EACCES', '', 'sys/kernel/apparmor_restrict_unprivileged_userns', '1', 'AppArmor'],
  ['namespaces', 'EPERM', '', '', '', 'container'],
  ['namespaces', 'ENOSPC', '', '', '', 'Too many namespaces'],
  ['namespaces', 'EINVAL', '', '', '', 'kernel lacks'],
  ['mount', 'EPERM', 'proc', '', '', '/proc is hidden'],
  ['id-maps', 'EPERM', '', '', '', 'STORE_BUILD_UIDS'],
  ['stage', 'EINVAL', '/staging', '', '', 'STORE_BUILD_UIDS'],
  ['bind-input', 'EACCES', '/root/x', '', '', 'passable'],
  ['limit', 'EPERM', 'open files', '', '', 'hard limits'],
  ['tracer', 'EBUSY', '', '', '', 'allows only one'],
  ['tracer', 'EINVAL', '', '', '', 'Linux 5.19'],
  ['tracer', 'EPERM', '', '', '', 'seccomp(2)'],
  ['tracer', 'ENOTSUP', '', '', '', 'vDSO'],
  ['trace', 'EIO', '', '', '', 'CONFIG_PROC_MEM_NO_FORCE'],
  ['trace', 'EIO', '', 'cmdline', 'quiet proc_mem.force_override=never ro', 'take it off'],
  ['trace', 'EIO', '', 'cmdline', 'quiet proc_mem.force_override=always ro', 'CONFIG_PROC_MEM_NO_FORCE'],
  ['trace', 'EPERM', '', 'sys/kernel/yama/ptrace_scope', '3', 'kernel.yama.ptrace_scope to 2'],
  ['trace', 'EPERM', '', 'sys/kernel/yama/ptrace_scope', '1', 'SELinux'],
  ['trace', 'EPERM', '', 'sys/kernel/unprivileged_userns_clone', '0', 'SELinux'],
  ['namespaces', 'EPERM', '', 'sys/kernel/yama/ptrace_scope', '3', 'container'],
  ['trace', 'EPROTO', '', '', '', 'did not see its time'],
  ['counter', 'ENOTSUP', '', '', '', "tsc: 'trap'"],
  ['supervise', 'EIO', '', '', '', 'store doctor'],
])('when %s fails with %s (%s), and %s is "%s", speaks of %s', (step, code, about, setting, value, words) => {
  const read = (name: string) => (name === setting ? value : undefined)
  expect(remedyFor({ step, code, about }, read)).toContain(words)
})

test('finds on this machine all that a sandbox needs', async () => {
  const features = await probeSandbox(sandboxProgram)
  expect(features.map(({ feature }) => feature)).toEqual([
    'user-namespace',
    'mount-namespace',
    'pid-namespace',
    'net-namespace',
    'ipc-namespace',
    'uts-namespace',
    'cgroup-namespace',
    'time-namespace',
    'id-maps',
    'mount',
    'mount-proc',
    'seccomp-notification',
    'traced-program',
    'counter-trap',
  ])
  const lacking = features.filter(({ ok }) => !ok).map(({ feature }) => feature)
  expect(lacking).toEqual(whyNoTrap() === undefined ? [] : ['counter-trap'])
})

test('tells what is missing, and what to do about it', async () => {
  await using temporary = await temporaryDirectory()
  const helper = join(temporary.path, 'helper')
  await writeFile(helper, '#!/bin/sh\necho user-namespace 0\necho mount-proc 1\n', { mode: 0o755 })
  expect(await probeSandbox(helper, none)).toEqual([
    { feature: 'user-namespace', needed: true, ok: true },
    {
      feature: 'mount-proc',
      ok: false,
      needed: true,
      cause: 'EPERM',
      remedy: expect.stringContaining('/proc is hidden'),
    },
  ])
})
