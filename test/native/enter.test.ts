import { type SpawnSyncOptions, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callers, makeWorkshop, type Workshop } from '../support/sandbox.js'

let workshop: Workshop
let objects: string
beforeAll(async () => {
  workshop = await makeWorkshop()
  objects = join(workshop.directory, 'objects')
  mkdirSync(join(objects, 'x-tool'), { recursive: true })
  writeFileSync(join(objects, 'x-tool/run'), '#!/bin/sh\necho "ran $0 in $PWD"\n', { mode: 0o755 })
  writeFileSync(join(objects, 'x-tool/data'), 'data\n')
  chmodSync(join(objects, 'x-tool/data'), 0o666)
})
afterAll(() => workshop[Symbol.asyncDispose]())

describe.each(callers)('sandbox enter, by %s', caller => {
  const enter = (command: readonly string[], options: SpawnSyncOptions = {}) => {
    const args = ['enter', '--store', objects, '--', ...command]
    const { status, signal, stdout, stderr } = spawnSync(workshop.helperOf(caller), args, {
      encoding: 'utf8',
      cwd: workshop.directory,
      ...options,
    })
    return { status, signal, stdout: String(stdout), stderr: String(stderr) }
  }

  test('shows the objects at /store, and nothing else there', () => {
    expect(enter(['ls', '/store'])).toEqual({ status: 0, signal: null, stdout: 'x-tool\n', stderr: '' })
  })

  test('runs a program of the store by its path, in the working directory', () => {
    expect(enter(['/store/x-tool/run']).stdout).toBe(`ran /store/x-tool/run in ${workshop.directory}\n`)
  })

  test('shows everything else of the host as it is', () => {
    const here = spawnSync('ls', ['-d', '/etc', '/bin', '/proc/self', workshop.directory], {
      encoding: 'utf8',
    })
    expect(enter(['ls', '-d', '/etc', '/bin', '/proc/self', workshop.directory]).stdout).toBe(here.stdout)
    expect(enter(['readlink', '/bin']).stdout).toBe(
      spawnSync('readlink', ['/bin'], { encoding: 'utf8' }).stdout,
    )
    const names = (text: string) => text.split('\n').filter(name => name !== 'store')
    expect(names(enter(['ls', '-A', '/']).stdout)).toEqual(
      names(spawnSync('ls', ['-A', '/'], { encoding: 'utf8' }).stdout),
    )
  })

  test('lets nobody write to the store', () => {
    const { status, stderr } = enter(['sh', '-c', 'echo x > /store/x-tool/data'])
    expect(status).not.toBe(0)
    expect(stderr).toContain('Read-only file system')
    expect(readFileSync(join(objects, 'x-tool/data'), 'utf8')).toBe('data\n')
  })

  test('keeps the user, the environment and the streams', () => {
    const env = { PATH: process.env.PATH, GREETING: 'hello' }
    const { stdout } = enter(['sh', '-c', 'id -u; echo $GREETING; cat'], { env, input: 'typed' })
    const uid = caller === 'root' ? 0 : process.getuid!() || 61_234
    expect(stdout).toBe(`${uid}\nhello\ntyped`)
  })

  test("gives the program's own status and signal", () => {
    expect(enter(['sh', '-c', 'exit 3'])).toMatchObject({ status: 3 })
    expect(enter(['sh', '-c', 'kill -TERM $$'])).toMatchObject({ status: null, signal: 'SIGTERM' })
  })

  test('says which command it cannot run', () => {
    expect(enter(['no-such-command'], { env: { PATH: '/usr/bin:/bin' } })).toMatchObject({
      status: 127,
      stderr: 'error: Cannot run "no-such-command": No such file or directory\n',
    })
    expect(enter(['/store/x-tool/data'])).toMatchObject({ status: 126 })
  })

  test('says that there are no objects there', () => {
    const args = ['enter', '--store', '/no/such/place', '--', 'true']
    const { status, stderr } = spawnSync(workshop.helperOf(caller), args, { encoding: 'utf8' })
    expect(status).toBe(125)
    expect(stderr).toBe(
      "error: Cannot enter the store's view: objects /no/such/place: No such file or directory\n",
    )
  })

  test('leaves nothing mounted', () => {
    enter(['true'])
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(workshop.directory)
  })
})
