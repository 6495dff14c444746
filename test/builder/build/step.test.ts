import { expect, test } from 'vitest'
import type { Builder } from '../../../builder/build/builder.js'
import type { Slot } from '../../../builder/build/schedule.js'
import { realiseStep } from '../../../builder/build/step.js'
import { nameDerivation } from '../../../builder/derivation/hash.js'
import { openStore } from '../../../store/index.js'
import { aDerivation } from '../../support/derivation.js'
import { storeOptions, temporaryStore } from '../../support/store.js'

/** A slot that tells when it is lent, and when it is asked for again. */
function watchedSlot() {
  const waiting: { readonly event: 'lent' | 'asked'; readonly tell: () => void }[] = []
  const tell = (event: 'lent' | 'asked'): void => {
    for (const waiter of waiting.splice(0)) if (waiter.event === event) waiter.tell()
  }
  let isHeld = true
  let giveBack = (): void => undefined
  const slot: Slot = {
    isHeld: () => isHeld,
    leave: () => {
      isHeld = false
      tell('lent')
    },
    enter: async () => {
      if (isHeld) return
      await new Promise<void>(resolve => {
        giveBack = resolve
        tell('asked')
      })
      isHeld = true
    },
  }
  return {
    slot,
    giveBack: () => giveBack(),
    until: (event: 'lent' | 'asked') => new Promise<void>(tell => waiting.push({ event, tell })),
  }
}

test('a step that lent its place claims nothing while it waits for one, and lends the next, too', async () => {
  await using store = await temporaryStore()
  await using other = await openStore(storeOptions(store.directory))
  const drv = aDerivation({
    inputs: new Map(),
    sources: new Set(),
    outputs: new Map([['out', { kind: 'input-addressed' }]]),
  })
  const lowered = nameDerivation(drv, new Map())
  const output = lowered.outputs.get('out')!
  const controller = new AbortController()
  const { slot, giveBack, until } = watchedSlot()
  const claim = await other.claim(output)
  const lent = until('lent')
  const ran = realiseStep(
    { store, report: () => undefined } as unknown as Builder,
    { lowered, inputs: [], needs: [] },
    controller.signal,
    { slot, confirm: undefined },
  ).catch(error => error)
  await lent
  const asked = until('asked')
  await claim![Symbol.asyncDispose]()
  await asked
  await using _third = await other.claim(output, AbortSignal.timeout(5000))
  const lentAgain = until('lent')
  giveBack()
  await lentAgain
  controller.abort()
  expect(await ran).toMatchObject({ name: 'AbortError' })
})
