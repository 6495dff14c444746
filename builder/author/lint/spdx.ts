import known from './licenses.json' with { type: 'json' }

const licenses = new Set<string>([...known.licenses, ...known.deprecated])
const exceptions = new Set<string>(known.exceptions)

/**
 * What is wrong with an SPDX licence expression (`MIT AND (Zlib OR GPL-2.0-only WITH Bison-exception-2.2)`), or
 * `undefined`. The names are those of the SPDX License List.
 */
export function licenseProblem(expression: string): string | undefined {
  const words = expression.match(/[()]|[^()\s]+/g) ?? []
  let at = 0
  const next = (): string => words[at++] ?? 'the end'
  const parseOne = (): string | undefined => {
    const word = next()
    if (word === '(') {
      const problem = parseAll()
      return problem ?? (next() === ')' ? undefined : 'a parenthesis is not closed')
    }
    if (!licenses.has(word.replace(/\+$/, '')) && !/^LicenseRef-[0-9A-Za-z.-]+$/.test(word))
      return `SPDX knows no licence "${word}"`
    if (words[at] !== 'WITH') return undefined
    at++
    const exception = next()
    return exceptions.has(exception) ? undefined : `SPDX knows no exception "${exception}"`
  }
  const parseAll = (): string | undefined => {
    for (;;) {
      const problem = parseOne()
      if (problem !== undefined) return problem
      if (words[at] !== 'AND' && words[at] !== 'OR') return undefined
      at++
    }
  }
  return parseAll() ?? (at < words.length ? `"${words[at]}" is one word too many` : undefined)
}
