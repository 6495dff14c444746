import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeDerivation } from '../../../builder/derivation/decode.js'
import { encodeDerivation } from '../../../builder/derivation/encode.js'
import { aDerivation } from '../../support/derivation.js'

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()
const wellFormed = fc.string({ unit: 'grapheme' })

const fetch = aDerivation({
  name: 'hello-2.10.tar.gz',
  builder: 'builtin:fetch',
  args: ['mirror://gnu/hello/hello-2.10.tar.gz'],
  env: new Map([['archive', '1']]),
  shell: '',
  epoch: { kind: 'fixed', seconds: 1_400_000_000 },
  tracer: new Map(),
  inputs: new Map(),
  sources: new Set(),
  outputs: new Map([
    ['out', { kind: 'fixed', method: 'flat', digest: { algorithm: 'sha256', hex: '31'.repeat(32) } }],
  ]),
})

const golden = (name: string): string => join(import.meta.dirname, '../../golden/derivation', name)

describe('encodeDerivation', () => {
  test('writes the bytes in golden/derivation/hello.drv', async () => {
    await expect(text(encodeDerivation(aDerivation()))).toMatchFileSnapshot(
      '../../golden/derivation/hello.drv',
    )
  })

  test('writes the bytes in golden/derivation/fetch.drv', async () => {
    await expect(text(encodeDerivation(fetch))).toMatchFileSnapshot('../../golden/derivation/fetch.drv')
  })

  test('ignores the order in which variables were set', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(wellFormed, wellFormed), { selector: ([name]) => name }), vars => {
        const forwards = aDerivation({ env: new Map(vars) })
        const backwards = aDerivation({ env: new Map(vars.toReversed()) })
        expect(encodeDerivation(forwards)).toEqual(encodeDerivation(backwards))
      }),
    )
  })

  test('refuses text that has no UTF-8', () => {
    expect(() => encodeDerivation(aDerivation({ args: ['\ud800'] }))).toThrow('well-formed')
  })
})

describe('decodeDerivation', () => {
  test.each(readdirSync(golden('.')).filter(name => name.endsWith('.drv')))(
    'reads golden/derivation/%s, and writes it again',
    name => {
      const bytes = readFileSync(golden(name))
      expect(Buffer.from(encodeDerivation(decodeDerivation(bytes, name)))).toEqual(bytes)
    },
  )

  test('gives of golden files what they were written of', () => {
    expect(decodeDerivation(readFileSync(golden('hello.drv')), 'it')).toEqual(aDerivation())
    expect(decodeDerivation(readFileSync(golden('fetch.drv')), 'it')).toEqual(fetch)
  })

  test('reads back what was written', () => {
    fc.assert(
      fc.property(
        fc.record({
          name: wellFormed,
          args: fc.array(wellFormed),
          env: fc.array(fc.tuple(wellFormed, wellFormed)).map(entries => new Map(entries)),
          user: fc.constantFrom('root' as const, 'unprivileged' as const),
          epoch: fc.oneof(
            fc.constant({ kind: 'sources' as const }),
            fc.record({ kind: fc.constant('fixed' as const), seconds: fc.nat() }),
          ),
        }),
        fields => {
          const drv = aDerivation(fields)
          expect(decodeDerivation(encodeDerivation(drv), 'it')).toEqual(drv)
        },
      ),
    )
  })

  test('gives back the bytes it read, or refuses them', () => {
    const bytes = encodeDerivation(aDerivation())
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
        const changed = Uint8Array.from(bytes)
        changed[at] = value
        let drv: ReturnType<typeof decodeDerivation>
        try {
          drv = decodeDerivation(changed, 'it')
        } catch (error) {
          expect(error).toHaveProperty('code')
          return
        }
        expect(Buffer.from(encodeDerivation(drv))).toEqual(Buffer.from(changed))
      }),
      { numRuns: 1000 },
    )
  })

  test.each([0, 1, 20, 200])('refuses a derivation cut to %i bytes', length => {
    expect(() => decodeDerivation(encodeDerivation(aDerivation()).subarray(0, length), 'it')).toThrow(
      'Cannot read it',
    )
  })

  test('refuses another format', () => {
    expect(() => decodeDerivation(Buffer.from('derivation-2\n'), 'it')).toThrow('derivation-2')
  })
})
