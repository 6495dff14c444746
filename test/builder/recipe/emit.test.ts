import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import {
  emit,
  fetchTarball,
  gnu,
  type Recipe,
  recipe,
  sh,
  text,
  trivial,
} from '../../../builder/recipe/index.js'

const shell = text('/sh')
const bash = recipe({ name: 'bash', version: '5', phases: trivial(sh`mkdir "$out"`, { shell }) })
const zlib = recipe({
  name: 'zlib',
  version: '1',
  outputs: ['out', 'dev', 'doc'],
  inputs: { bash },
  phases: trivial(sh`:`),
})
const hello = recipe({
  name: 'hello',
  version: '2.10',
  source: fetchTarball({ url: 'https://example.org/hello.tar.gz', hash: 'sha256:00' }),
  inputs: { bash, zlib },
  outputs: ['out', 'dev', 'doc'],
  env: { GREETING: 'hi', TOOL: bash },
  phases: gnu({ configureFlags: ['--with-zlib', sh`--prefix=${zlib}`] }).without('patch', 'nothing to patch'),
})

const emitted = (value: Recipe) => emit({ 'channel/hello.ts': { hello: value, other: 1 } }, { select: {} })

describe('emit', () => {
  test('gives plain data: the golden/recipe/hello.json', async () => {
    await expect(`${JSON.stringify(emitted(hello), null, 1)}\n`).toMatchFileSnapshot(
      '../../golden/recipe/hello.json',
    )
  })

  test('puts every node after those it refers to', () => {
    emitted(hello).nodes.forEach((node, i) => {
      for (const [, place] of JSON.stringify(node).matchAll(/"node":(\d+)/g))
        expect(Number(place)).toBeLessThan(i)
    })
  })

  test('follows chains that are longer than the call stack', () => {
    const link = (before: Recipe | undefined, i: number): Recipe =>
      recipe({ name: `link-${i}`, version: '1', phases: trivial(sh`: ${before ?? ''}`, { shell }) })
    const last = Array.from({ length: 20_000 }, (_, i) => i).reduce<Recipe | undefined>(link, undefined)!
    const { nodes } = emitted(last)
    expect(nodes.map(({ name }) => name)).toEqual(Array.from({ length: 20_000 }, (_, i) => `link-${i}-1`))
  })

  test('gives nodes only to what was selected', () => {
    expect(emit({ 'channel/hello.ts': { hello, zlib } }, { select: { name: 'zlib' } }).nodes).toHaveLength(2)
    expect(emit({ 'channel/hello.ts': { hello } }, {})).toMatchObject({
      nodes: [],
      packages: [{ name: 'hello' }],
    })
  })

  test('refuses a variable that is called like an output', () => {
    const wrong = recipe({
      name: 'a',
      version: '1',
      env: { out: 'x' },
      inputs: { bash },
      phases: trivial(sh`:`),
    })
    expect(() => emitted(wrong)).toThrow('an output and a variable called "out"')
  })

  test('asks for a shell among the inputs', () => {
    expect(() => emitted(recipe({ name: 'a', version: '1', phases: gnu() }))).toThrow('an input "bash"')
  })

  test('writes gnu scripts that bash can read', () => {
    const node = emitted(hello).nodes.find(({ name }) => name === 'hello-2.10')
    const script =
      node?.kind === 'build'
        ? node.args[1]!.map(part => (typeof part === 'string' ? part : '/store/x')).join('')
        : ''
    execFileSync('bash', ['-n', '-c', script])
  })
})
