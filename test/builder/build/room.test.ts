import { expect, test } from 'vitest'
import type { Builder } from '../../../builder/build/builder.js'
import type { BuildEvent } from '../../../builder/build/events.js'
import { makeRoom } from '../../../builder/build/room.js'
import { temporaryStore } from '../../support/store.js'

test('steps that want more space than there is share one collection, and do not ask for another in vain', async () => {
  await using store = await temporaryStore()
  const events: BuildEvent[] = []
  const settings = { minFree: Number.MAX_SAFE_INTEGER }
  // Each step has a builder of its own.
  const step = () =>
    makeRoom(
      { store, settings, report: (event: BuildEvent) => void events.push(event) } as unknown as Builder,
      new AbortController().signal,
    )
  await Promise.all([step(), step(), step()])
  await step()
  expect(events.filter(({ kind }) => kind === 'collected')).toHaveLength(1)
})
