import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askWalls, callers, compile, makeWorkshop, type Workshop } from '../support/sandbox.js'
import { makeDriver, run } from '../support/traced.js'

const sanitizers = ['-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all']
const OPTIONS = 'test/native/sanitizer-options.c'

let driver: string
let workshop: Workshop
beforeAll(async () => {
  driver = makeDriver('sanitized', ['fuzz', 'entries'])
  mkdirSync(join(driver, 'random'))
  chmodSync(join(driver, 'random'), 0o777)
  const image = [`-DSHIM_IMAGE="${join(driver, 'shim.bin')}"`, ...sanitizers]
  const tracer = await sourcesOf('builder/native/tracer')
  compile(join(driver, 'traced'), [...tracer, 'test/native/traced.c', OPTIONS], image)
  workshop = await makeWorkshop()
  const sandbox = [...(await sourcesOf('builder/native')), ...tracer, OPTIONS]
  compile(join(workshop.directory, 'sanitized'), sandbox, image)
  // In the place of the program that ordinary users start as well.
  copyFileSync(join(workshop.directory, 'sanitized'), join(workshop.directory, 'sandbox'))
})
afterAll(async () => {
  rmSync(driver, { recursive: true, force: true })
  await workshop[Symbol.asyncDispose]()
})

const sourcesOf = async (folder: string) =>
  (await readdir(join(import.meta.dirname, '../..', folder)))
    .filter(file => file.endsWith('.c'))
    .map(file => `${folder}/${file}`)

const tracer = new Map([
  ['epoch', '5'],
  ['seed', '0123456789abcdef0123456789abcdef'],
  ['directory', 'shuffled'],
])

describe.each(callers)('under sanitizers, for %s, the sandbox program', caller => {
  const ask = (args: string, attempt = {}) => askWalls(workshop, args, { caller, tracer, ...attempt })

  test('runs traced builds that end in all ways', async () => {
    expect((await ask('exit 7')).exit).toEqual({ kind: 'exited', status: 7 })
    expect((await ask('signal 11')).exit).toEqual({ kind: 'signalled', signal: 'SIGSEGV' })
    const { exit, counts } = await ask('list / -- list /proc -- exit 0')
    expect(exit).toEqual({ kind: 'exited', status: 0 })
    expect(counts[0]?.counts.directory).toBeGreaterThan(0)
  })

  test('passes on all output', async () => {
    let size = 0
    const onOutput = (chunk: Buffer) => {
      size += chunk.length
    }
    await ask('flood 500', { onOutput })
    expect(size).toBe(500 * 4096)
  })

  test('ends builds when told to, and with a wrong setting', async () => {
    const controller = new AbortController()
    const { exit } = await ask('sleep 1000', {
      signal: controller.signal,
      onOutput: () => controller.abort(),
    })
    expect(exit).toEqual({ kind: 'signalled', signal: 'SIGKILL' })
    await expect(ask('exit 0', { tracer: new Map([['epoch', 'soon']]) })).rejects.toThrow(
      'no setting epoch=soon',
    )
  })
})

test('under sanitizers the probe traces a program', () => {
  const { stdout, stderr, status } = spawnSync(join(workshop.directory, 'sanitized'), ['probe'], {
    encoding: 'utf8',
  })
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  expect(stdout).toMatch(/^traced-program 0$/m)
})

test.each([
  [
    'shells and what they start',
    ['sh', '-c', 'for i in 1 2 3 4 5 6 7 8; do date | cat; done; ls /usr/bin | wc -l'],
    /2023\n\d+\n$/,
  ],
  ['every way to start a program', ['./entries'], /^load-at-once: 1700000000$/m],
  ['random programs', ['sh', '-c', 'cd random && exec ../fuzz 0 100'], /^99: /m],
])('under sanitizers the supervisor serves %s', (_what, command, shown) => {
  const args = ['--epoch=1700000000', `--counts=${join(driver, 'counts')}`, '--', ...command]
  const { stdout, stderr, status } = run(join(driver, 'traced'), args, driver)
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  expect(stdout).not.toContain('failed')
  expect(stdout).toMatch(shown)
})
