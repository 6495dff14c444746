import { expect, test } from 'vitest'
import { describeAnew } from '../../../builder/build/origins.js'
import { nameDerivation } from '../../../builder/derivation/hash.js'
import { addTexts, findInfo, type Provenance, readInfo, type Store } from '../../../store/index.js'
import { aDerivation } from '../../support/derivation.js'
import { temporaryStore } from '../../support/store.js'

const asked = { package: 'it@1', channel: 'mine', url: '/mine' }
const dirty: Provenance = { ...asked, commit: 'a'.repeat(40), dirty: 'yes' }
const clean: Provenance = { ...asked, commit: 'b'.repeat(40) }
const content: Provenance = { ...asked, content: 'blake3-x' }

const lowered = nameDerivation(aDerivation({ inputs: new Map(), sources: new Set() }), new Map())
const out = lowered.outputs.get('out')!

/** A store whose object `out` has this record. */
async function holding(provenance: Provenance | undefined): ReturnType<typeof temporaryStore> {
  const store = await temporaryStore()
  await addTexts(store, [{ path: out, content: 'it', references: [], ...(provenance && { provenance }) }])
  return store
}

const describeAs = (store: Store, origin: Provenance, meanwhile: () => Promise<unknown> = async () => {}) =>
  describeAnew(store, [{ lowered, outputs: ['out'] }], async () => {
    await meanwhile()
    return new Map([[lowered.path, origin]])
  })

test.each([
  ['nothing', undefined],
  ['changes that are in no commit', dirty],
  ['a recipe file of no channel', { package: 'it@1' }],
  ['what was recovered', { recovered: 'from its files' }],
] as const)(
  'a commit takes the place of %s in a record, of which nothing else changes',
  async (_what, old) => {
    await using store = await holding(old)
    const before = await readInfo(store, out)
    await describeAs(store, clean)
    expect(await readInfo(store, out)).toEqual({ ...before, provenance: clean })
    await describeAs(store, dirty)
    expect(await readInfo(store, out)).toEqual({ ...before, provenance: clean })
  },
)

test('the first commit stays, and nobody is asked for another', async () => {
  await using store = await holding(clean)
  await describeAnew(store, [{ lowered, outputs: ['out'] }], async () => {
    throw new Error('asked')
  })
  expect((await readInfo(store, out)).provenance).toEqual(clean)
})

test('the content of a folder stays while the folder is in no repository', async () => {
  await using store = await holding(content)
  await describeAs(store, clean)
  expect((await readInfo(store, out)).provenance).toEqual(content)
})

test('a record that is gone meanwhile does not come back', async () => {
  await using store = await holding(dirty)
  const info = await readInfo(store, out)
  await describeAs(store, clean, () => store.database.change(async () => ({ remove: [info] })))
  expect(await findInfo(store, out)).toBeUndefined()
})
