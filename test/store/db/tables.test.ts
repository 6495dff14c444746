import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { commit, listPairs, openTables } from '../../../store/db/tables.js'
import { anyPath } from '../../support/objects.js'
import { aRecord } from '../../support/records.js'
import { temporaryDirectory } from '../../support/store.js'

const referred = Array.from({ length: 40 }, (_, i) => anyPath(`referred-${i}`))
const unknown = Array.from({ length: 40 }, (_, i) => anyPath(`unknown-${i}`))

test('listPairs() gives each of many paths what one look for it alone would give', async () => {
  await using directory = await temporaryDirectory()
  const tables = await openTables(join(directory.path, 'db'), true)
  // From none to more than are read at once.
  const pairs = referred.map((path, i) => ({
    path,
    referrers: Array.from({ length: (i * i) % 70 }, (_, j) => anyPath(`referrer-${i}-${j}`)).sort(),
  }))
  await commit(tables, {
    add: pairs.flatMap(({ path, referrers }) => referrers.map(referrer => aRecord(referrer, [path]))),
  })
  const expected = new Map([...unknown.map(path => [path, []] as const), ...pairs.map(pairOf)])
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray([...referred, ...unknown]), async asked => {
      expect(await listPairs(tables.referrers, asked)).toEqual(
        new Map(asked.map(path => [path, expected.get(path)])),
      )
    }),
    { numRuns: 20 },
  )
  await tables.level.close()
})

const pairOf = ({ path, referrers }: { path: string; referrers: readonly string[] }) =>
  [path, referrers] as const
