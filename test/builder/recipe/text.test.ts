import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fetchUrl, output, recipe, sh, text, trivial } from '../../../builder/recipe/index.js'
import { quote } from '../../../builder/recipe/text.js'

const source = fetchUrl({ url: 'https://example.org/a.txt', hash: 'sha256:00' })
const tool = recipe({
  name: 'tool',
  version: '1',
  outputs: ['out', 'dev'],
  phases: trivial(sh`:`, { shell: text('/sh') }),
})

describe('sh', () => {
  test('keeps recipes and sources as references', () => {
    expect(sh`cp ${source} ${tool}/bin ${output(tool, 'dev')}`.parts).toEqual([
      'cp ',
      { kind: 'reference', to: source, output: 'out' },
      ' ',
      { kind: 'reference', to: tool, output: 'out' },
      '/bin ',
      { kind: 'reference', to: tool, output: 'dev' },
      '',
    ])
  })

  test('quotes strings, item by item in lists, and splices texts', () => {
    expect(sh`a ${'b c'} ${['d', "e'f", 1]} ${sh`$g`}`.parts.join('')).toBe(`a 'b c' d 'e'\\''f' 1 $g`)
  })

  test('keeps backslashes for the shell, and lets ${ be written', () => {
    expect(sh`printf '\n' \${x} \`date\` \$HOME`.parts.join('')).toBe("printf '\\n' ${x} `date` \\$HOME")
  })

  test.each([[undefined], [null], [{}], [() => 1]])('refuses %s', value => {
    expect(() => sh`${value as never}`).toThrow('sh cannot take')
  })
})

test('quote gives a word that a shell takes literally', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }).filter(word => !word.includes('\0')),
      word => {
        expect(execFileSync('sh', ['-c', `printf %s ${quote(word)}`]).toString()).toBe(word)
      },
    ),
    { numRuns: 50 },
  )
})

test('output refuses a name that the recipe does not have', () => {
  expect(() => output(tool, 'doc')).toThrow('has no output "doc"')
})
