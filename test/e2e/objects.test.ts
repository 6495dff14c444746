import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { symlink } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { clonedStore } from '../support/cloned.js'
import { storeProgram } from '../support/command.js'

const store = clonedStore()
const print = async (...args: string[]): Promise<string> => {
  const { stdout, stderr, status } = await store.run(args)
  expect(status, stderr).toBe(0)
  return stdout.trimEnd()
}

const sri = (algorithm: string, content: string | Uint8Array): string =>
  `${algorithm}-${createHash(algorithm).update(content).digest('base64')}`

/** What `store ARGS...` writes to stdout, byte for byte. */
async function bytes(...args: string[]): Promise<Buffer> {
  const child = spawn(process.execPath, [storeProgram, ...args], {
    cwd: store.folder,
    env: { PATH: process.env.PATH!, STORE_ROOT: store.path },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const chunks: Buffer[] = []
  for await (const chunk of child.stdout) chunks.push(chunk)
  return Buffer.concat(chunks)
}

test('every command that prints data gives one JSON document', async () => {
  await store.write('some.txt', 'some')
  const hello = await print('build', 'hello')
  const expected: readonly (readonly [args: readonly string[], shape: unknown])[] = [
    [['build', 'hello'], { paths: [hello] }],
    [['build', '-n', 'hello'], { build: [], fetch: [], download: { bytes: 0, unknown: 0 } }],
    [['build', '--derivation', 'hello'], { paths: [expect.stringMatching(/\.drv$/)] }],
    [
      ['list'],
      { packages: expect.arrayContaining([expect.objectContaining({ name: 'hello', version: '2.10' })]) },
    ],
    [
      ['search', 'greeting'],
      { packages: expect.arrayContaining([expect.objectContaining({ name: 'hello' })]) },
    ],
    [['show', 'zlib'], expect.objectContaining({ name: 'zlib', outputs: ['out', 'dev'], license: 'Zlib' })],
    [
      ['info', 'hello'],
      expect.objectContaining({ path: hello, narSize: expect.any(Number), closureSize: expect.any(Number) }),
    ],
    [['references', 'hello'], { paths: expect.arrayContaining([expect.stringContaining('-glibc-')]) }],
    [['referrers', 'hello'], { paths: [hello] }],
    [
      ['closure', 'hello'],
      {
        paths: expect.arrayContaining([{ path: hello, narSize: expect.any(Number) }]),
        size: expect.any(Number),
      },
    ],
    [['add', 'some.txt'], { path: expect.stringMatching(/-some\.txt$/) }],
    [['hash', 'some.txt'], { hash: sri('sha256', 'some') }],
    [['log', 'hello', '--tail', '1'], { lines: [expect.any(String)], truncated: false }],
  ]
  for (const [args, shape] of expected) {
    const text = await print(...args, '--json')
    expect(text.split('\n').length, args.join(' ')).toBe(1)
    expect(JSON.parse(text), args.join(' ')).toEqual(shape)
  }
})

test('an object is found by its path, its name, the start of its hash, and its package', async () => {
  const path = await print('build', 'hello')
  const name = path.slice('/store/'.length)
  const infos = await Promise.all(
    [path, name, name.slice(0, 32), name.slice(0, 8), 'hello', 'hello@2.10', `${path}/bin/hello`].map(text =>
      print('info', text),
    ),
  )
  expect(new Set(infos).size).toBe(1)
  expect(infos[0]).toContain(`location: ${join(store.path, path)}\n`)
})

test('closure --size prints bytes and their sum', async () => {
  const rows = (await print('closure', '--size', 'hello')).split('\n').map(line => line.split('\t'))
  const total = rows.pop()
  expect(total).toEqual([String(rows.reduce((sum, [size]) => sum + Number(size), 0)), 'total'])
  expect(rows.map(([, path]) => path)).toEqual((await print('closure', 'hello')).split('\n'))
})

test('list and show tell of the packages of the channel', async () => {
  expect((await print('list')).split('\n')).toEqual(
    expect.arrayContaining([expect.stringMatching(/^hello@2\.10 +The greeting program of GNU$/)]),
  )
  const shown = await print('show', 'hello')
  expect(shown).toContain('source: mirror://gnu/hello/hello-2.10.tar.gz\n')
  expect(shown).toMatch(/^name: hello\nversion: 2\.10\n/)
  expect(shown).toMatch(/^outputs: out \(\/store\/\S+\)$/m)
})

test('a file or folder is added by content: twice under one path', async () => {
  await store.write('data/a', 'one')
  await store.write('data/bin/run', '#!/bin/sh\n', 0o755)
  await symlink('a', join(store.folder, 'data/link'))
  const first = await print('add', 'data')
  expect(first).toMatch(/^\/store\/\w{32}-data$/)
  expect(await print('add', join(store.folder, 'data'))).toBe(first)
  expect(await print('add', '--name', 'other', './data')).not.toBe(first)
  expect(await print('hash', 'data')).toBe(await print('hash', join(store.path, first)))
  await store.write('data/a', 'two')
  expect(await print('add', 'data')).not.toBe(first)
})

test('what cannot be an object is refused with its name', async () => {
  expect((await store.run(['add', 'missing'])).stderr).toMatch(
    /^error\[CANNOT_READ\]: Cannot read ".*\/missing": it does not exist\nhint: /,
  )
  await store.write('two words', '')
  const refused = await store.run(['add', 'two words'])
  expect(refused.stderr).toContain('error[BAD_NAME]: "two words" cannot be the name of a store object')
  expect(await print('add', '--name', 'two-words', 'two words')).toMatch(/-two-words$/)
})

test('what was dumped is restored with the same hash', async () => {
  const nar = await bytes('dump', 'hello')
  expect(await store.run(['restore', 'copy'], { input: nar })).toMatchObject({
    status: 0,
    stdout: '',
    stderr: '',
  })
  expect(await bytes('dump', 'copy')).toEqual(nar)
  expect(await print('hash', 'copy')).toBe(sri('sha256', nar))
  const { narHash } = JSON.parse(await print('info', 'hello', '--json'))
  expect(await print('hash', '--type', 'blake3', './copy')).toBe(narHash)
  const again = await store.run(['restore', 'copy'], { input: nar })
  expect(again.stderr).toMatch(/^error\[TARGET_EXISTS\]: Cannot unpack to ".*\/copy": it exists\nhint: /)
  const damaged = await store.run(['restore', 'other'], { input: nar.subarray(0, 1000) })
  expect(damaged).toMatchObject({ status: 1, stderr: expect.stringContaining('error[BAD_NAR]: ') })
})

test('a hash is the same for a file, a file URL and what a server serves, in every algorithm', async () => {
  const file = await store.write('abc', 'abc')
  const server = createServer((_request, response) => response.end('abc'))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/abc`
  const blake3 = '6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85'
  try {
    for (const [type, hash] of [
      ['sha256', sri('sha256', 'abc')],
      ['sha512', sri('sha512', 'abc')],
      ['blake3', `blake3-${Buffer.from(blake3, 'hex').toString('base64')}`],
    ] as const) {
      for (const place of ['abc', `file://${file}`, url]) {
        expect(await print('hash', '--type', type, place), place).toBe(hash)
      }
    }
  } finally {
    server.close()
  }
  expect(await print('hash', '--nar', 'abc')).toBe(sri('sha256', await bytes('dump', 'abc')))
})
