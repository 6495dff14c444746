import { readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runSandbox } from '../../../builder/sandbox/run.js'
import {
  askWalls,
  callers,
  makeStaging,
  makeWorkshop,
  TREE,
  WALLS,
  type Workshop,
} from '../../support/sandbox.js'
import { startBuild } from '../../support/sandboxed.js'

let workshop: Workshop
beforeAll(async () => {
  workshop = await makeWorkshop()
})
afterAll(() => workshop[Symbol.asyncDispose]())

/** An argument that tells the builders of this run from all others. */
const MANY = 1_000_000 + process.pid

/** How many builders were given MANY and live. */
const running = (): number =>
  readdirSync('/proc').filter(pid => {
    try {
      const [program, , argument] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
      return program === `/store/${WALLS}` && argument === String(MANY)
    } catch {
      return false
    }
  }).length

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries > 500) throw new Error('It did not happen within five seconds')
    await delay(10)
  }
}

describe.each(callers)('runSandbox(), called by %s', caller => {
  const ask = (args: string, attempt = {}) => askWalls(workshop, args, { caller, ...attempt })

  test('tells the exit status', async () => {
    expect((await ask('exit 0')).exit).toEqual({ kind: 'exited', status: 0 })
    expect((await ask('exit 77')).exit).toEqual({ kind: 'exited', status: 77 })
  })

  test('tells the signal that ended the builder', async () => {
    expect((await ask('signal 11')).exit).toEqual({ kind: 'signalled', signal: 'SIGSEGV' })
    expect((await ask('signal 9')).exit).toEqual({ kind: 'signalled', signal: 'SIGKILL' })
  })

  test('gives stdout and stderr in the order they were written', async () => {
    const lines = [0, 1, 2].flatMap(i => [`out ${i}`, `err ${i}`])
    expect((await ask('streams')).lines).toEqual(lines)
  })

  test('gives all output, however much, and holds the builder up when it is not taken', async () => {
    let size = 0
    let pending = 0
    const onOutput = async (chunk: Buffer) => {
      expect(++pending).toBe(1)
      size += chunk.length
      if (size < 100_000) await delay(5)
      pending--
    }
    expect((await ask('flood 1000', { onOutput })).exit).toEqual({ kind: 'exited', status: 0 })
    expect(size).toBe(1000 * 4096)
  })

  test('kills the build when told to, and waits until it is gone', async () => {
    const controller = new AbortController()
    const onOutput = () => controller.abort()
    const { exit } = await ask(`sleep ${MANY}`, { signal: controller.signal, onOutput })
    expect(exit).toEqual({ kind: 'signalled', signal: 'SIGKILL' })
    expect(running()).toBe(0)
  })

  test('runs nothing when told to stop before', async () => {
    const { exit, output } = await ask('list /', { signal: AbortSignal.abort() })
    expect(exit).toEqual({ kind: 'signalled', signal: 'SIGKILL' })
    expect(output).toBe('')
  })

  test('kills a build whose output is not taken for an hour', async () => {
    const controller = new AbortController()
    const onOutput = async () => {
      controller.abort()
      await delay(50)
    }
    const { exit } = await ask(`flood ${MANY}`, { signal: controller.signal, onOutput })
    expect(exit.kind).toBe('signalled')
    expect(running()).toBe(0)
  })

  test('throws what onOutput throws, when the build is gone', async () => {
    const onOutput = () => {
      throw new Error('disk full')
    }
    await expect(ask(`sleep ${MANY}`, { onOutput })).rejects.toThrow('disk full')
    expect(running()).toBe(0)
  })

  test('leaves no listener on the signal', async () => {
    const controller = new AbortController()
    const count: string[] = []
    const { addEventListener, removeEventListener } = controller.signal
    controller.signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      count.push('+')
      addEventListener.apply(controller.signal, args)
    }
    controller.signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      count.push('-')
      removeEventListener.apply(controller.signal, args)
    }
    await ask('exit 0', { signal: controller.signal })
    expect(count).toEqual(['+', '-'])
  })

  test('says that a builder is not there', async () => {
    await expect(ask('exit 0', { builder: `/store/${TREE}/bin/sh` })).rejects.toMatchObject({
      code: 'BUILDER_NOT_EXECUTABLE',
      message: `Cannot execute the builder "/store/${TREE}/bin/sh": ENOENT`,
    })
  })

  test('says which input it cannot bind', async () => {
    const host = join(workshop.directory, 'missing')
    await expect(ask('exit 0', { inputs: [{ path: WALLS, host }] })).rejects.toMatchObject({
      code: 'SANDBOX_UNAVAILABLE',
      refusal: { step: 'stage', code: 'ENOENT', about: host },
    })
  })

  test('dies with the process that called it, however that dies', async () => {
    const build = await startBuild(workshop, caller, `sleep ${MANY}`)
    await until(() => running() === 1)
    build.kill('SIGKILL')
    await until(() => running() === 0)
  })

  test.each([
    ['', undefined],
    [' of a traced build', new Map([['epoch', '5']])],
  ])('says that the helper%s was killed, when nothing of the build is left', async (_kind, tracer) => {
    const helpers = () =>
      readdirSync('/proc').filter(pid => {
        try {
          const [name, mode] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
          const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
          return (
            /^(sandbox|.*as-user)$/.test(name ?? '') &&
            mode === 'build' &&
            stat.split(' ')[3] === String(process.pid)
          )
        } catch {
          return false
        }
      })
    const onOutput = () => {
      for (const pid of helpers()) process.kill(Number(pid), 'SIGKILL')
    }
    await expect(ask(`sleep ${MANY}`, { onOutput, tracer })).rejects.toMatchObject({
      code: 'SANDBOX_LOST',
      message: expect.stringContaining('was ended by SIGKILL'),
    })
    expect(running()).toBe(0)
  })
})

test('says that the helper is missing', async () => {
  const helper = join(workshop.directory, 'no-such-program')
  await expect(askWalls(workshop, 'exit 0', { caller: callers[0]!, helper })).rejects.toMatchObject({
    code: 'SANDBOX_LOST',
    message: expect.stringContaining('does not run'),
  })
})

test('says what stands in the way, when namespaces are refused', async () => {
  const helper = join(workshop.directory, 'no-namespaces')
  await writeFile(helper, '#!/bin/sh\necho "failed namespaces 28 " >&3\nexit 125\n', { mode: 0o755 })
  const staging = await makeStaging(workshop, callers[0]!)
  const spec = { staging, inputs: [], builder: '/x', args: [], env: new Map(), user: 'root' as const }
  await expect(
    runSandbox(
      { ...spec, hostUser: undefined, shell: undefined, tracer: undefined },
      { helper, onOutput: () => undefined },
    ),
  ).rejects.toMatchObject({ code: 'SANDBOX_UNAVAILABLE', hint: expect.stringContaining('namespaces') })
})
