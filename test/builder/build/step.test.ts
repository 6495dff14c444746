import { expect, test } from 'vitest'
import type { Builder } from '../../../builder/build/builder.js'
import type { Slot } from '../../../builder/build/schedule.js'
import { realiseStep } from '../../../builder/build/step.js'
import type { Lowered } from '../../../builder/derivation/derivation.js'
import { nameDerivation } from '../../../builder/derivation/hash.js'
import { openStore, type Store } from '../../../store/index.js'
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

/** A derivation with these outputs that needs nothing. */
function lower(...outputs: readonly string[]): Lowered {
  const drv = aDerivation({
    inputs: new Map(),
    sources: new Set(),
    outputs: new Map(outputs.map(name => [name, { kind: 'input-addressed' }])),
  })
  return nameDerivation(drv, new Map())
}

/** Realises a derivation, and gives the error with which that ends. */
const start = (store: Store, lowered: Lowered, slot: Slot, signal: AbortSignal): Promise<unknown> =>
  realiseStep(
    { store, report: () => undefined } as unknown as Builder,
    { lowered, inputs: [], needs: [] },
    signal,
    { slot, confirm: undefined },
  ).catch(error => error)

test('a step that lent its place claims nothing while it waits for one, and lends the next, too', async () => {
  await using store = await temporaryStore()
  await using other = await openStore(storeOptions(store.directory))
  const lowered = lower('out')
  const output = lowered.outputs.get('out')!
  const controller = new AbortController()
  const { slot, giveBack, until } = watchedSlot()
  const claim = await other.claim(output)
  const lent = until('lent')
  const ran = start(store, lowered, slot, controller.signal)
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

test('a step of whose outputs a stopped command claims one keeps nobody from the others while it waits for a place', async () => {
  await using store = await temporaryStore()
  await using other = await openStore(storeOptions(store.directory))
  const lowered = lower('out', 'dev')
  const [stopped, free] = [...lowered.outputs.values()]
  const controller = new AbortController()
  const { slot, giveBack, until } = watchedSlot()
  const lent = until('lent')
  const claim: Store['claim'] = (path, signal) =>
    path === stopped ? lent.then(() => undefined) : store.claim(path, signal)
  const ran = start({ ...store, claim }, lowered, slot, controller.signal)
  await lent
  await until('asked')
  await using _claim = await other.claim(free!, AbortSignal.timeout(5000))
  controller.abort()
  giveBack()
  expect(await ran).toMatchObject({ name: 'AbortError' })
})
