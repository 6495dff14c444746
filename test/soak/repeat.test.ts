import { type ChildProcess, spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { expect, inject, test } from 'vitest'
import { ordinaryUser, storeOf } from '../support/users.js'

const ROUNDS = 10

/** Programs that keep more processors busy than there are. */
const startLoad = (): ChildProcess[] =>
  Array.from({ length: 6 }, () => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }))

test('hello built twenty times under load, on two file systems, has the same bytes', async () => {
  const load = startLoad()
  const seconds: string[] = []
  try {
    for (const folder of [tmpdir(), '/dev/shm']) {
      await using store = await storeOf(ordinaryUser, inject('seeded'), folder)
      for (let round = 0; round < ROUNDS; round++) {
        const start = performance.now()
        const args = ['build', '--check', '--keep-failed', 'hello', '--cores', String(1 + (round % 4))]
        const { status, stderr } = await store.run(args)
        expect(status, stderr).toBe(0)
        seconds.push(((performance.now() - start) / 1000).toFixed(0))
      }
    }
  } finally {
    for (const child of load) child.kill('SIGKILL')
  }
  process.stdout.write(`hello built ${seconds.length} times, the same bytes; seconds: ${seconds.join(' ')}\n`)
})
