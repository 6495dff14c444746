import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Feature, probeSandbox } from '../../../builder/sandbox/probe.js'
import { askWalls, callers, compile, makeWorkshop, WALLS, type Workshop } from '../../support/sandbox.js'

let workshop: Workshop
beforeAll(async () => {
  workshop = await makeWorkshop()
  compile(join(workshop.directory, 'forbid'), ['test/native/forbid.c'], ['-static'])
})
afterAll(() => workshop[Symbol.asyncDispose]())

/** One system call, by number, that fails; if one of its arguments, by index, has a value. */
interface Forbidden {
  readonly call: number
  readonly error: 'ENOSYS' | 'EIO' | 'EACCES' | 'EINVAL'
  readonly argument?: readonly [index: number, value: number]
}

/** A sandbox program on a kernel that forbids a call. */
async function helperWithout({ call, error, argument = [-1, 0] }: Forbidden): Promise<string> {
  const helper = join(workshop.directory, `without-${call}-${error}`)
  const words = [call, constants.errno[error], ...argument].join(' ')
  const program = `${workshop.directory}/forbid ${words} ${workshop.directory}/sandbox`
  await writeFile(helper, `#!/bin/sh\nexec ${program} "$@"\n`, { mode: 0o755 })
  return helper
}

const noCall: Forbidden = { call: 317, error: 'ENOSYS' }
/** To the code behind a system call, 60 bytes. */
const noForcedWrite: Forbidden = { call: 18, error: 'EIO', argument: [2, 60] }
/** Of /proc/PID/mem, for reading and writing. */
const noMemory: Forbidden = { call: 257, error: 'EACCES', argument: [2, 0x80002] }
/** To be readable, writable and executable. */
const noCode: Forbidden = { call: 10, error: 'EACCES', argument: [2, 7] }
/** SECCOMP_IOCTL_NOTIF_ADDFD. */
const noDescriptor: Forbidden = { call: 16, error: 'EINVAL', argument: [1, 0x40182103] }
/** PR_GET_AUXV. */
const noAuxv: Forbidden = { call: 157, error: 'EINVAL', argument: [0, 0x41555856] }

const nothing = () => undefined
const missing = (features: readonly Feature[]) => features.filter(({ needed, ok }) => needed && !ok)

const cases: readonly [string, Forbidden, string][] = [
  ['forbids forced writes', noForcedWrite, 'CONFIG_PROC_MEM_NO_FORCE'],
  ['lets nobody into another process', noMemory, 'Yama'],
  ['keeps programs from changing their own code', noCode, 'SELinux'],
  ['cannot hand over descriptors', noDescriptor, 'Linux 5.19'],
]

describe.each(cases)('a kernel that %s', (_what, forbidden, words) => {
  const refusal = { step: 'trace', code: forbidden.error, about: '' }

  test('is found by tracing a program', async () => {
    expect(missing(await probeSandbox(await helperWithout(forbidden), nothing))).toEqual([
      {
        feature: 'traced-program',
        needed: true,
        ok: false,
        cause: forbidden.error,
        remedy: expect.stringContaining(words),
      },
    ])
  })

  test('is told by the build', async () => {
    const attempt = {
      caller: callers[0]!,
      helper: await helperWithout(forbidden),
      tracer: new Map([['epoch', '5']]),
    }
    await expect(askWalls(workshop, 'exit 0', attempt)).rejects.toMatchObject({
      code: 'SANDBOX_UNAVAILABLE',
      refusal,
      hint: expect.stringContaining(words),
    })
    // Without the tracer it can do all the same.
    const { exit } = await askWalls(workshop, 'exit 3', { ...attempt, tracer: undefined })
    expect(exit).toEqual({ kind: 'exited', status: 3 })
  })
})

test('a builder that makes a call before it can be traced is ended, by name', async () => {
  const source = join(workshop.directory, 'bare.s')
  const code = [
    '.globl _start',
    '_start: mov $201,%eax',
    'xor %edi,%edi',
    'syscall',
    'mov $60,%eax',
    'syscall',
  ]
  await writeFile(source, `${code.join('\n')}\n`)
  const bare = join(workshop.directory, 'bare')
  execFileSync('cc', ['-nostdlib', '-static', '-o', bare, source])
  const attempt = { caller: callers[0]!, inputs: [{ path: WALLS, host: bare }], args: [] }
  const traced = await askWalls(workshop, '', { ...attempt, tracer: new Map([['epoch', '5']]) })
  expect(traced).toMatchObject({
    exit: { kind: 'signalled', signal: 'SIGSYS' },
    ended: [expect.stringMatching(new RegExp(`^/store/${WALLS} was ended by SIGSYS: `))],
  })
  expect((await askWalls(workshop, '', attempt)).exit).toEqual({ kind: 'exited', status: 0 })
})

test('a container that forbids seccomp(2) is found, and told by the build', async () => {
  const helper = await helperWithout(noCall)
  const features = missing(await probeSandbox(helper, nothing))
  expect(features.map(({ feature }) => feature)).toEqual(['seccomp-notification', 'traced-program'])
  for (const feature of features)
    expect(feature).toMatchObject({ cause: 'ENOSYS', remedy: expect.stringContaining('seccomp(2)') })
  const attempt = { caller: callers[0]!, helper, tracer: new Map([['epoch', '5']]) }
  await expect(askWalls(workshop, 'exit 0', attempt)).rejects.toMatchObject({
    refusal: { step: 'tracer', code: 'ENOSYS' },
    hint: expect.stringContaining('seccomp(2)'),
  })
})

test('a kernel that tells a program about itself in /proc alone will do', async () => {
  const helper = await helperWithout(noAuxv)
  expect(missing(await probeSandbox(helper, nothing))).toEqual([])
  const attempt = { caller: callers[0]!, helper, tracer: new Map([['epoch', '5']]) }
  expect((await askWalls(workshop, 'exit 0', attempt)).exit).toEqual({ kind: 'exited', status: 0 })
})
