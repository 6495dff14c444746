import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeSpec, type SandboxSpec } from '../../builder/sandbox/spec.js'
import { compile, LINK, sandboxProgram, TREE } from '../support/sandbox.js'
import { temporaryDirectory } from '../support/store.js'

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let parser: string
beforeAll(async () => {
  directory = await temporaryDirectory()
  parser = compile(
    join(directory.path, 'parse-spec'),
    ['test/native/parse-spec.c', 'builder/native/spec.c'],
    ['-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
  )
})
afterAll(() => directory[Symbol.asyncDispose]())

const spec = (): SandboxSpec => ({
  staging: join(directory.path, 'staging'),
  inputs: [
    { path: TREE, host: '/host/tree' },
    { path: LINK, host: '/host/link' },
  ],
  builder: '/store/sh',
  args: ['-c', 'exit 0', ''],
  env: new Map([
    ['A', '1'],
    ['B', ''],
    ['C', 'x=y'],
  ]),
  user: 'unprivileged',
  hostUser: { uid: 1001, gid: 1002 },
  shell: '/store/sh',
  tracer: new Map([['epoch', '5']]),
})

/** What the parser says; a report of a sanitizer fails the test. */
function parse(bytes: Uint8Array): string {
  const { stdout, stderr, status } = spawnSync(parser, { input: bytes, encoding: 'latin1' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  return stdout
}

/** A well-formed header around any operations, so that the checksum is not what refuses them. */
function signed(strings: readonly string[]): Buffer {
  const body = Buffer.from(strings.map(string => `${string}\0`).join(''), 'latin1')
  const sum = crc32(body).toString(16).padStart(8, '0')
  return Buffer.concat([Buffer.from(`store-sandbox-spec-1\0${sum}\0`), body])
}

const whole = ['staging', '/s', 'user', 'root', 'builder', '/b']

describe('parse_spec()', () => {
  test('reads what encodeSpec() writes', () => {
    expect(parse(encodeSpec(spec())).split('\n').slice(0, -1)).toEqual([
      `staging ${directory.path}/staging`,
      'builder /store/sh',
      'shell /store/sh',
      'user 2',
      'host 1001 1002',
      `input ${TREE} /host/tree`,
      `input ${LINK} /host/link`,
      'arg /store/sh',
      'arg -c',
      'arg exit 0',
      'arg ',
      'env A=1',
      'env B=',
      'env C=x=y',
      'tracer epoch 5',
    ])
  })

  test('reads that there is a terminal', () => {
    expect(parse(encodeSpec(spec()))).not.toContain('terminal')
    expect(parse(encodeSpec({ ...spec(), terminal: true }))).toContain('\nterminal\n')
  })

  test.each<[string, readonly string[]]>([
    ['an operation is unknown', [...whole, 'exec', '/bin/sh', 'end']],
    ['an operation is unknown', [...whole, '', 'end']],
    ['an operation is cut short', [...whole, 'input', 'x']],
    ['it has no end', whole],
    ['something follows its end', [...whole, 'end', 'arg', 'x']],
    ['a field is missing', ['end']],
    ['a field is missing', ['staging', '/s', 'builder', '/b', 'end']],
    ['a field is given twice', [...whole, 'builder', '/c', 'end']],
    ['a field is given twice', [...whole, 'user', 'root', 'end']],
    ['a field is given twice', [...whole, 'terminal', 'terminal', 'end']],
    ['a field is given twice', [...whole, 'host-user', '1', '1', 'host-user', '1', '1', 'end']],
    ['a path is not absolute', ['staging', 's', 'end']],
    ['the user is unknown', ['user', 'admin', 'end']],
    ['the host user has no proper ids', ['host-user', '0', '1', 'end']],
    ['the host user has no proper ids', ['host-user', '4294967295', '1', 'end']],
    ['the host user has no proper ids', ['host-user', '1', '-1', 'end']],
    ['the host user has no proper ids', ['host-user', '1x', '1', 'end']],
    ['an input has no proper name', ['input', '../x', '/x', 'end']],
    ['an input has no proper name', ['input', '..', '/x', 'end']],
    ['an input has no proper name', ['input', '', '/x', 'end']],
    ["an input's path is not absolute", ['input', 'x', 'x', 'end']],
    ['an input is given twice', ['input', 'x', '/x', 'input', 'x', '/y', 'end']],
    ['a variable has no name', ['env', '=x', 'end']],
    ['a variable has no name', ['env', 'x', 'end']],
  ])('refuses: %s', (problem, strings) => {
    expect(parse(signed(strings))).toBe(`refused ${problem}\n`)
  })

  test('refuses another version, another checksum and nothing at all', () => {
    const bytes = encodeSpec(spec())
    expect(parse(Buffer.alloc(0))).toBe('refused it is of another version\n')
    expect(parse(Buffer.from(bytes.toString().replace('spec-1', 'spec-2')))).toBe(
      'refused it is of another version\n',
    )
    expect(parse(Buffer.from(bytes.toString().replace('exit 0', 'exit 1')))).toBe(
      'refused its checksum is wrong\n',
    )
  })

  test('refuses any spec that was altered on its way', () => {
    const bytes = encodeSpec(spec())
    const change = fc.tuple(
      fc.nat(bytes.length - 1),
      fc.constantFrom('flip', 'drop', 'double', 'cut'),
      fc.nat(7),
    )
    fc.assert(
      fc.property(change, ([at, kind, bit]) => {
        const before = bytes.subarray(0, at)
        const altered = {
          flip: () => Buffer.concat([before, Buffer.of(bytes[at]! ^ (1 << bit)), bytes.subarray(at + 1)]),
          drop: () => Buffer.concat([before, bytes.subarray(at + 1)]),
          double: () => Buffer.concat([before, bytes.subarray(at, at + 1), bytes.subarray(at)]),
          cut: () => before,
        }[kind]!()
        expect(parse(altered)).toMatch(/^refused /)
      }),
      { numRuns: 150 },
    )
  })

  test('survives any operations under a right checksum', () => {
    const names = [
      'staging',
      'input',
      'user',
      'host-user',
      'shell',
      'builder',
      'arg',
      'env',
      'end',
      'root',
      '/x',
      'a=b',
    ]
    const strings = fc.array(fc.oneof(fc.constantFrom(...names), fc.string()), { maxLength: 40 })
    fc.assert(
      fc.property(strings, list => {
        parse(signed(list.map(string => string.replaceAll('\0', ''))))
      }),
      { numRuns: 150 },
    )
  })
})

describe('sandbox build', () => {
  const build = (bytes: Uint8Array, parent = String(process.pid)) =>
    spawnSync(sandboxProgram, ['build', parent], {
      input: bytes,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    })

  test('runs nothing and says why, when its spec is refused', () => {
    const { status, output, stdout } = build(encodeSpec(spec()).subarray(0, -1))
    expect(status).toBe(125)
    expect(output[3]).toBe('refused its checksum is wrong\n')
    expect(stdout).toBe('')
    expect(existsSync(spec().staging)).toBe(false)
  })

  test('runs nothing for a process that is not its parent', () => {
    const { status, output } = build(encodeSpec(spec()), '1')
    expect(status).toBe(125)
    expect(output[3]).toBe('')
  })

  test('shows how it is used, and nothing else, without a known mode', () => {
    const { status, stderr } = spawnSync(sandboxProgram, ['destroy'], { encoding: 'utf8' })
    expect(status).toBe(125)
    expect(stderr).toMatch(/^usage: sandbox build/)
  })
})
