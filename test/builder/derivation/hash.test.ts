import { describe, expect, test } from 'vitest'
import type { Derivation, Lowered } from '../../../builder/derivation/derivation.js'
import { fixedOutput, nameDerivation } from '../../../builder/derivation/hash.js'
import type { StorePath } from '../../../store/index.js'
import { aDerivation } from '../../support/derivation.js'

const leaf = (fields: Partial<Derivation>): Derivation =>
  aDerivation({ inputs: new Map(), sources: new Set(), ...fields })

const fetching = (url: string, byte = '31'): Lowered =>
  nameDerivation(
    leaf({
      name: 'source.tar.gz',
      builder: 'builtin:fetch',
      args: [url],
      outputs: new Map([
        ['out', { kind: 'fixed', method: 'flat', digest: { algorithm: 'sha256', hex: byte.repeat(32) } }],
      ]),
    }),
    new Map(),
  )

const using = (...inputs: Lowered[]): Lowered =>
  nameDerivation(
    leaf({ inputs: new Map(inputs.map(({ path }) => [path, new Set(['out'])])) }),
    new Map<StorePath, Lowered>(inputs.map(input => [input.path, input])),
  )

describe('nameDerivation', () => {
  test('gives the names in golden/derivation/names.txt', async () => {
    const lowered = [
      fetching('https://example.org/a'),
      using(fetching('https://example.org/a')),
      using(using()),
    ]
    const lines = lowered.flatMap(({ path, hash, outputs }) => [
      path,
      hash.hex,
      ...[...outputs].map(([name, out]) => `${name} ${out}`),
    ])
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('../../golden/derivation/names.txt')
  })

  test('gives a build the same outputs wherever its source is fetched from', () => {
    const [here, there] = [using(fetching('https://example.org/a')), using(fetching('https://example.org/b'))]
    expect(here.path).not.toBe(there.path)
    expect(here.outputs).toEqual(there.outputs)
    expect(using(here).outputs).toEqual(using(there).outputs)
  })

  test('takes two derivations that fetch the same bytes for one input', () => {
    const [a, b] = [fetching('https://example.org/a'), fetching('https://example.org/b')]
    expect(using(a, b).outputs).toEqual(using(a).outputs)
  })

  test('gives other outputs for other bytes', () => {
    expect(using(fetching('u', '31')).outputs).not.toEqual(using(fetching('u', '32')).outputs)
  })

  const base = leaf({})
  const changes: Record<string, Partial<Derivation>> = {
    name: { name: 'other' },
    system: { system: 'aarch64-linux' },
    world: { world: 'linux-2' },
    builder: { builder: '/store/other' },
    args: { args: [] },
    env: { env: new Map([['a', 'b']]) },
    shell: { shell: '' },
    user: { user: 'unprivileged' },
    epoch: { epoch: { kind: 'fixed', seconds: 1 } },
    tracer: { tracer: new Map() },
    sources: { sources: aDerivation().sources },
    outputs: { outputs: new Map([['out', { kind: 'input-addressed' }]]) },
  }
  test.each(Object.entries(changes))('gives other outputs when %s changes', (_field, change) => {
    const [before, after] = [
      nameDerivation(base, new Map()),
      nameDerivation({ ...base, ...change }, new Map()),
    ]
    expect(after.outputs.get('out')).not.toBe(before.outputs.get('out'))
    expect(after.path).not.toBe(before.path)
  })

  test('names every field that a derivation has', () => {
    expect(new Set([...Object.keys(changes), 'inputs'])).toEqual(new Set(Object.keys(base)))
  })
})

test('fixedOutput refuses a second output beside a fixed one', () => {
  const { outputs } = fetching('u').derivation
  const drv = leaf({ outputs: new Map([...outputs, ['dev', { kind: 'input-addressed' }]]) })
  expect(() => fixedOutput(drv)).toThrow('must have one output')
})
