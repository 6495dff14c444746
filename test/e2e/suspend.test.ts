import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, inject, test } from 'vitest'
import { runStore, temporaryRoot } from '../support/command.js'
import { scriptRecipe } from '../support/recipes.js'

test('suspending the command suspends its builds, and they go on with it', async () => {
  await using root = await temporaryRoot(inject('seeded'))
  const file = join(root.path, 'it.ts')
  await writeFile(
    file,
    scriptRecipe('for i in $(seq 20); do echo tick $i; sleep 0.1; done; echo done > "$out"'),
  )
  let lines = 0
  const waitFor = async (more: number): Promise<void> => {
    for (const goal = lines + more; lines < goal; ) await delay(20)
  }
  let suspended: { readonly before: number; readonly after: number } | undefined
  const ran = runStore(root.path, ['build', file, '--print-build-logs'], {
    onStart: child => {
      child.stderr!.on('data', text => {
        lines += String(text).split('tick').length - 1
      })
      void (async () => {
        await waitFor(3)
        // An impatient ^Z more stops it no second time.
        child.kill('SIGTSTP')
        await delay(1)
        child.kill('SIGTSTP')
        await delay(500)
        const before = lines
        await delay(1500)
        suspended = { before, after: lines }
        child.kill('SIGCONT')
      })()
    },
  })
  const { status, stderr } = await ran
  expect(status, stderr).toBe(0)
  expect(suspended?.after).toBe(suspended?.before)
  expect(suspended?.after).toBeLessThan(20)
  expect(lines).toBe(20)
})
