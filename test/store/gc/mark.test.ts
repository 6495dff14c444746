import { expect, test } from 'vitest'
import { orderDead } from '../../../store/gc/order.js'
import { mark, type Store, type StorePath } from '../../../store/index.js'
import { anyPath } from '../../support/objects.js'
import { aRecord } from '../../support/records.js'
import { temporaryStore } from '../../support/store.js'

const policy = { keepDerivers: true, keepOutputs: false }
const hub = anyPath('hub')
const leaves = Array.from({ length: 20_000 }, (_, i) => anyPath(`leaf-${i}`))

/** Records without files, as marking sees nothing else. */
async function register(store: Store, edges: ReadonlyMap<StorePath, readonly StorePath[]>): Promise<void> {
  const infos = [...edges].map(([path, references]) => aRecord(path, references))
  await store.database.change(async () => ({ add: infos }))
}

const shapes: Readonly<Record<string, ReadonlyMap<StorePath, readonly StorePath[]>>> = {
  'a hub that 20,000 objects refer to': new Map([
    [hub, []],
    ...leaves.map((leaf): [StorePath, StorePath[]] => [leaf, [hub]]),
  ]),
  'a hub that refers to 20,000 objects': new Map([
    [hub, leaves],
    ...leaves.map((leaf): [StorePath, StorePath[]] => [leaf, []]),
  ]),
  'a chain of 5,000 objects': new Map(
    leaves.slice(0, 5000).map((leaf, i) => [leaf, leaves.slice(i + 1, Math.min(i + 2, 5000))]),
  ),
}

test.each(Object.entries(shapes))('marking and ordering are quick with %s', async (_shape, edges) => {
  await using store = await temporaryStore()
  await register(store, edges)
  const started = performance.now()
  expect((await mark(store, [hub, leaves[0]!], policy)).dead.size).toBeLessThan(edges.size)
  const { dead } = await mark(store, [], policy)
  expect(dead.size).toBe(edges.size)
  const ordered: StorePath[] = []
  for await (const batch of orderDead(store, dead, () => {})) {
    expect(batch.length).toBeLessThanOrEqual(1024)
    ordered.push(...batch.map(({ path }) => path))
  }
  expect(performance.now() - started).toBeLessThan(30_000)
  const place = new Map(ordered.map((path, i) => [path, i]))
  expect(place.size).toBe(edges.size)
  for (const [path, references] of edges)
    for (const reference of references) expect(place.get(reference)!).toBeGreaterThan(place.get(path)!)
})

test('mark() follows a root that refers to itself, and ignores one that is not valid', async () => {
  await using store = await temporaryStore()
  const [a, b] = [anyPath('a'), anyPath('b')]
  await register(
    store,
    new Map([
      [a, [a, b]],
      [b, []],
    ]),
  )
  expect(await mark(store, [a, anyPath('nothing')], policy)).toEqual({
    valid: [a, b].sort(),
    dead: new Set(),
  })
})
