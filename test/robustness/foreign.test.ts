import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import {
  hostilePlace,
  overlaidPlace,
  type Place,
  plainPlace,
  type Seen,
  writeConformance,
} from '../support/conformance.js'
import { run } from '../support/traced.js'
import { storeOf, users } from '../support/users.js'

const native = join(import.meta.dirname, '../native')

/** Compiles in a folder, or says what the compiler says. What CI installs and is missing fails here. */
const make = (folder: string, command: string): void => {
  const { status, stderr } = run('sh', ['-euc', command, native], folder)
  if (status !== 0) throw new Error(stderr)
}

const MUSL =
  'musl-gcc -std=gnu11 -D_GNU_SOURCE -O1 -idirafter /usr/include -idirafter /usr/include/x86_64-linux-gnu'

/** Programs of other compilers and run times, with the loaders and libraries of this machine that they need. */
function makeForeign(folder: string): void {
  make(
    folder,
    'jlink --add-modules java.base --strip-debug --output foreign; javac -d foreign $0/languages/Observe.java',
  )
  for (const [name, flags, sources] of [
    ['musl', '', 'conformance/*.c'],
    ['musl-static', '-static', 'conformance/*.c'],
    ['musl-waits', '-static', 'waits.c'],
    ['musl-many', '-static', 'directories.c'],
  ])
    make(folder, `${MUSL} ${flags} -w -o foreign/bin/${name} $0/${sources}`)
  make(folder, 'g++ -O1 -std=c++17 -o foreign/bin/cc $0/languages/observe.cc -lpthread')
  make(folder, 'rustc -O -o foreign/bin/rs $0/languages/observe.rs')
  make(
    folder,
    'GOCACHE=$PWD/go GO111MODULE=off go build -o foreign/bin/go $0/languages/observe.go; rm -rf go',
  )
  make(
    folder,
    'cp "$(readlink -f "$(command -v node)")" foreign/bin/node; cp "$(command -v ninja)" foreign/bin',
  )
  make(
    folder,
    `cp $(cd foreign; ldd bin/node bin/ninja bin/cc bin/rs bin/java lib/*.so |
      sed -n 's,.*=> \\(/[^ ]*\\) .*,\\1,p' | grep -v "$PWD" | sort -u) foreign/lib
    cp /lib64/ld-linux-x86-64.so.2 foreign/bin/ld.so; cp /lib/ld-musl-x86_64.so.1 foreign/bin/ld-musl.so`,
  )
}

const programs = ['cc', 'go', 'java', 'musl', 'musl-many', 'musl-static', 'musl-waits', 'node', 'rust']

const isRoot = process.getuid!() === 0

let places: Place[] = []
let first: Seen
let others: Seen[]
let bare: Seen

beforeAll(async () => {
  const plain = plainPlace(await storeOf(users[0]!, inject('seeded')))
  places = [plain]
  const { status, stderr } = await plain.store.run(['build', 'perl', 'python'])
  if (status !== 0) throw new Error(stderr)
  const file = await writeConformance(plain.store, 'foreign')
  makeForeign(join(plain.store.path, 'conformance/native'))
  places.push(await hostilePlace(plain.store))
  if (isRoot) places.push(await overlaidPlace(plain.store))
  others = []
  for (const place of places.slice(1)) others.push(await place.look(file))
  first = await plain.look(file)
  bare = await plain.look(file, '--no-tracer')
})
afterAll(async () => {
  for (const place of places.toReversed()) await place[Symbol.asyncDispose]()
})

/** What a program saw, but for the numbers of inodes: those count all that the build looked at before. */
const text = (seen: Seen, program: string): string =>
  JSON.stringify([...(seen.get(program) ?? [])], null, 1).replace(/inode \d+/g, 'inode')

describe.each(programs)('in a build, %s', program => {
  test('sees the same on a host that differs', () => {
    expect(first.get(program)?.size).toBeGreaterThan(0)
    expect(text(others[0]!, program)).toBe(text(first, program))
  })

  test('sees the same on an overlay', ({ skip }) => {
    if (!isRoot) return skip('only root can mount an overlay')
    expect(text(others[1]!, program)).toBe(text(first, program))
  })

  test('sees something else without the tracer', () => {
    expect(text(bare, program)).not.toBe(text(first, program))
  })
})

test('ninja makes what is older than its sources, and a loop of the shell that reads the clock ends', () => {
  expect(first.get('ninja')!.get('behaviour')).toBe(`ninja after a: one two three 
ninja after none: no work to do. 
ninja after b: one two three 
ninja after one: three 
ninja after none: no work to do. 
`)
  expect(first.get('shell')!.get('behaviour')).toBe('loop: ended\n')
})
