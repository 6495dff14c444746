import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { expectNoProcess } from '../support/leftovers.js'
import { sandboxProgram } from '../support/sandbox.js'

/** A program of a shell, a child and a daemon of it, which sleep for `seconds`, and then says that it runs. */
const family = (seconds: string): string =>
  `(sh -c "sleep ${seconds}; true" &); setsid sleep ${seconds} & echo runs; wait; sleep ${seconds}`

test('a guarded program ends, with all it started, when the process ends that wanted it', async () => {
  const start = `const [program, ...words] = process.argv.slice(1)
    child_process.spawn(program, ['guard', String(process.pid), '--', ...words], { stdio: 'inherit' })`
  const words = ['sh', '-c', family('7001')]
  const parent = spawn(process.execPath, ['-e', start, sandboxProgram, ...words])
  await once(parent.stdout, 'data')
  parent.kill('SIGKILL')
  await expectNoProcess('7001')
})

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  'a guarded program ends with all it started at %s',
  async signal => {
    const guard = spawn(sandboxProgram, ['guard', String(process.pid), '--', 'sh', '-c', family('7002')])
    await once(guard.stdout, 'data')
    guard.kill(signal)
    // Its pipes are closed once nobody is left.
    expect((await once(guard, 'close'))[1]).toBeNull()
    await expectNoProcess('7002')
  },
)

test('a guard tells how its program ended, and starts none for a parent that has gone', () => {
  const run = (parent: number, ...words: readonly string[]) =>
    spawnSync(sandboxProgram, ['guard', String(parent), '--', ...words]).status
  expect(run(process.pid, 'sh', '-c', 'exit 7')).toBe(7)
  expect(run(process.pid, 'sh', '-c', 'kill -9 $$')).toBe(137)
  expect(run(process.pid, '/no/such/program')).toBe(127)
  expect(run(1, 'true')).toBe(125)
})
