import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { hostilePlace, type Place, plainPlace, type Seen, writeConformance } from '../support/conformance.js'
import { storeOf, users } from '../support/users.js'

/** The rows of the tracer's contract, and what of each is to be seen without it. */
const rows = {
  clock: 'the host',
  times: 'the host',
  identity: 'the host',
  directory: 'the host',
  random: 'the host',
  machine: 'the host',
  // Two hosts can come to need the same hundredths of a second.
  usage: 'something else',
  waits: 'something else',
  refused: 'something else',
  // Those are the sandbox's own.
  addresses: 'the same',
  monotonic: 'the same',
} as const

let places: [Place, Place]
let traced: [Seen, Seen]
let untraced: [Seen, Seen]

beforeAll(async () => {
  const plain = plainPlace(await storeOf(users[0]!, inject('seeded')))
  const { status, stderr } = await plain.store.run(['build', 'perl', 'python'])
  if (status !== 0) throw new Error(stderr)
  const file = await writeConformance(plain.store, 'look')
  const hostile = await hostilePlace(plain.store)
  places = [plain, hostile]
  const [first, otherwise] = await Promise.all([plain.look(file), hostile.look(file, '--no-tracer')])
  const [untouched, second] = await Promise.all([plain.look(file, '--no-tracer'), hostile.look(file)])
  traced = [first, second]
  untraced = [untouched, otherwise]
  // ext4 takes long to make files where very many were removed a moment ago.
}, 15 * 60_000)
afterAll(() => Promise.all(places.map(place => place[Symbol.asyncDispose]())))

/** What each program saw of a row. */
const of = (seen: Seen, row: string): Record<string, string> =>
  Object.fromEntries([...seen].flatMap(([program, saw]) => (saw.has(row) ? [[program, saw.get(row)!]] : [])))

describe.each(Object.entries(rows))('the row "%s"', (row, bare) => {
  test('looks the same on two hosts that differ', () => {
    expect(Object.keys(of(traced[0], row)).length).toBeGreaterThan(1)
    expect(of(traced[1], row)).toEqual(of(traced[0], row))
  })

  test(`shows ${bare} without the tracer`, () => {
    for (const [program, saw] of Object.entries(of(untraced[0], row))) {
      if (bare === 'the host') expect.soft(of(untraced[1], row)[program], program).not.toBe(saw)
      if (bare === 'the same') expect.soft(of(traced[0], row)[program], program).toBe(saw)
    }
    if (bare === 'something else') expect(of(untraced[0], row)).not.toEqual(of(traced[0], row))
  })
})

test('the constant world is a sensible one', async () => {
  const [plain] = places
  const saw = (await plain.look(await writeConformance(plain.store, 'behaves'))).get('behaviour')!
  const held = [...saw].filter(([row]) => row !== 'inputs')
  expect(held.map(([row]) => row)).toEqual(['clock', 'times', 'random'])
  for (const [, lines] of held) expect(lines).not.toMatch(/^(?!.*: yes$).+$/m)

  const { stdout } = await plain.store.run(['build', 'glibc'])
  const libc = await readFile(join(plain.store.path, stdout.trim(), 'lib/libc.so.6'))
  expect(saw.get('inputs')).toBe(`libc: ${createHash('sha256').update(libc).digest('hex')} \n`)
})
