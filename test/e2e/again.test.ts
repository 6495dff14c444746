import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { answersTo } from '../../cli/answers.js'
import { clonedStore } from '../support/cloned.js'
import { storeProgram } from '../support/command.js'
import { loadedBy } from '../support/loaded.js'

const store = clonedStore()
const env = () => ({ STORE_ROOT: store.path, HOME: store.path })
const build = () => loadedBy(store.path, ['build', 'hello'], { env: env() })

test('what was built is told without a look into the database, until it is deleted', async () => {
  // Longer than the store must have been at rest.
  await delay(2100)
  const first = await build()
  expect(first.packages).toContain('classic-level')
  const again = await build()
  expect(again).toMatchObject({ status: 0, stdout: first.stdout, stderr: '', packages: [], slow: [] })
  const recall = () => answersTo(['hello'], env(), dirname(storeProgram))?.recall()
  expect(recall()).toEqual([first.stdout.trim()])
  expect(await store.run(['gc', '--delete', 'hello'])).toMatchObject({ status: 0 })
  expect(recall()).toBeUndefined()
})
