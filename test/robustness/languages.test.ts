import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Host, makeDriver, onHost, run } from '../support/traced.js'

const sources = join(import.meta.dirname, '../native/languages')
let driver: string

beforeAll(() => {
  driver = makeDriver('languages')
})
afterAll(() => rmSync(driver, { recursive: true, force: true }))

/** What CI installs: a compiler that is missing fails the test that needs it. */
const build = (command: readonly string[]) => {
  const env = [`GOCACHE=${join(driver, 'go-cache')}`, 'GO111MODULE=off']
  const { status, stderr } = run('env', [...env, ...command], driver)
  if (status !== 0) throw new Error(`${command[0]}: ${stderr}`)
}

const names = Array.from({ length: 60 }, (_, i) => `name-${(i * 7919) % 1000}`)
const hosts: Record<string, Host> = {
  'another order of files, on tmpfs': { names: names.toReversed(), under: '/dev/shm' },
  'an overlay': { names: names.toSorted(), overlay: true },
  'one processor, under load, with other kernel clocks': { names, before: ['taskset', '1'], busy: true },
}

describe.each<[string, string[], (at: (name: string) => string) => string[]]>([
  ['C++', ['g++', '-O1', '-std=c++17', '-o', 'cc', `${sources}/observe.cc`, '-lpthread'], at => [at('cc')]],
  ['Go', ['go', 'build', '-o', 'go', `${sources}/observe.go`], at => [at('go')]],
  ['Rust', ['rustc', '-O', '-o', 'rs', `${sources}/observe.rs`], at => [at('rs')]],
  ['Java', ['javac', '-d', '.', `${sources}/Observe.java`], at => ['java', '-cp', at('.'), 'Observe']],
  ['Node', ['true'], at => ['node', at('observe.mjs')]],
  ['Python', ['true'], at => ['python3', at('observe.py')]],
  ['Perl', ['true'], at => ['perl', at('observe.pl')]],
])('a program in %s', (_language, compiler, command) => {
  let first: string
  const at = (name: string) => join(driver, name)

  beforeAll(() => {
    build(compiler)
    for (const script of ['observe.mjs', 'observe.py', 'observe.pl'])
      copyFileSync(join(sources, script), at(script))
    first = onHost(driver, { names }, command(at))
  })

  test('sees the epoch, sorted names and a clock that moves', () => {
    expect(first).toMatch(/^(clock\/)?time:? 1700000000/)
    const order = first.match(/name-\d+/g)
    expect(order?.slice(0, names.length)).toEqual(names.toSorted())
    expect(first).toMatch(/waited (1|true|True)/)
  })

  test.each(Object.entries(hosts))('sees the same on %s', (_name, host) => {
    expect(onHost(driver, host, command(at))).toBe(first)
  })
})
