import { describe, expect, test } from 'vitest'
import { type Command, defineCommand } from '../../cli/command.js'
import { parseArguments } from '../../cli/parse.js'

const command = (fields: Partial<Command> = {}): Command =>
  defineCommand({
    usage: 'try FILE [-- ARGS...]',
    describe: 'Try',
    examples: [],
    words: [1, 2],
    options: {
      count: { alias: 'c', type: 'number', describe: 'How many' },
      name: { type: 'string', describe: 'Its name' },
      'dry-run': { alias: 'n', type: 'boolean', describe: 'Do nothing' },
    },
    run: async () => undefined,
    ...fields,
  })

const parse = (line: string, fields: Partial<Command> = {}) =>
  parseArguments(command(fields), line.split(' ').filter(Boolean))

describe('parseArguments', () => {
  test('reads words and options in any order', () => {
    const args = parse('-n 1 --count 3 007 --name=x --json')
    expect(args.words).toEqual(['1', '007'])
    expect([args.flag('dry-run'), args.flag('json'), args.flag('quiet')]).toEqual([true, true, false])
    expect([args.count('count'), args.text('name')]).toEqual([3, 'x'])
  })

  test('takes the last of an option that is given twice', () => {
    expect(parse('a -c 1 -c 2').count('count')).toBe(2)
  })

  test('takes words after -- as words', () => {
    expect(parse('-- -n --help').words).toEqual(['-n', '--help'])
  })

  test('leaves the words of a program alone', () => {
    const fields = { passesOn: true, words: [1, 1] as const }
    for (const [line, words, rest] of [
      ['a --json', ['a'], ['--json']],
      ['a -- --json', ['a'], ['--json']],
      ['-n a -- -- b', ['a'], ['--', 'b']],
      ['a b -- c', ['a'], ['b', '--', 'c']],
      ['-c 2 a -c', ['a'], ['-c']],
      ['-nc 2 a b', ['a'], ['b']],
      ['--count 2 a b', ['a'], ['b']],
      ['--count=2 a b', ['a'], ['b']],
    ] as const) {
      const args = parse(line, fields)
      expect({ words: args.words, rest: args.rest }, line).toEqual({ words, rest })
      expect(args.flag('json')).toBe(false)
    }
  })

  test('wants nothing but --help when help is wanted', () => {
    expect(parse('--help').flag('help')).toBe(true)
    expect(parse('-h a b c').flag('help')).toBe(true)
  })

  test.each([
    ['', '"store try" needs more words'],
    ['a b c', '"c" is one word too many'],
    ['a --nope', 'There is no option "--nope"'],
    ['a --no-dry-run', 'There is no option "--no-dry-run"'],
    ['a -x', 'There is no option "-x"'],
    ['a --count', '--count needs a value'],
    ['a --name', '--name needs a value'],
    ['a --name --json', '--name needs a value'],
    ['a --json=false', '--json takes no value'],
    ['a -nx', 'There is no option "-x"'],
  ])('refuses "%s"', (line, sentence) => {
    expect(() => parse(line)).toThrow(expect.objectContaining({ code: 'USAGE', message: sentence }))
  })

  test.each(['a -c -1', 'a -c 1.5', 'a -c x', 'a -c 1e99', 'a --count='])(
    'refuses the number in "%s"',
    line => {
      expect(() => parse(line).count('count')).toThrow(expect.objectContaining({ code: 'USAGE' }))
    },
  )

  test('refuses an empty text', () => {
    const args = parse('a --name=')
    expect(() => args.text('name')).toThrow('--name needs a value')
  })
})
