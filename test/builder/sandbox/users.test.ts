import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { borrowUser, DEFAULT_UIDS, parseUidRange } from '../../../builder/sandbox/users.js'
import { makeKeeper } from '../../../store/keeper.js'
import { keeperProgram, temporaryDirectory } from '../../support/store.js'

const whole = '         0          0 4294967295\n'

test('parses START:COUNT', () => {
  expect(parseUidRange('1000000:10')).toEqual({ start: 1_000_000, count: 10 })
  expect(parseUidRange(undefined)).toEqual(DEFAULT_UIDS)
})

test.each(['0:5', '5', '5:0', '-1:5', 'a:b', '1:2:3', '4294967290:10', '1.5:2'])(
  'refuses the range "%s"',
  text => {
    expect(() => parseUidRange(text)).toThrow(expect.objectContaining({ code: 'BAD_UID_RANGE' }))
  },
)

test('lends each user to one build at a time, across all keepers of the machine', async () => {
  await using temporary = await temporaryDirectory()
  await using ours = makeKeeper(keeperProgram)
  await using theirs = makeKeeper(keeperProgram)
  const options = { directory: join(temporary.path, 'uids'), idMap: whole }
  const first = await borrowUser(ours, '5000:2', options)
  const second = await borrowUser(theirs, '5000:2', options)
  expect([first?.uid, second?.uid]).toEqual([5000, 5001])
  expect(first?.gid).toBe(5000)
  await expect(borrowUser(ours, '5000:2', options)).rejects.toMatchObject({ code: 'NO_FREE_USER' })
  await first?.[Symbol.asyncDispose]()
  const again = await borrowUser(theirs, '5000:2', options)
  expect(again?.uid).toBe(5000)
  await again?.[Symbol.asyncDispose]()
  await second?.[Symbol.asyncDispose]()
  expect(await readdir(options.directory)).toEqual([])
})

test('lends none where root is the only user there is', async () => {
  const locks = { tryLock: () => Promise.reject(new Error('asked')), unlock: () => Promise.resolve() }
  expect(await borrowUser(locks, undefined, { idMap: '         0       1000          1\n' })).toBeUndefined()
})
