import { about, type Finding, type Linted } from './finding.js'
import { licenseProblem } from './spdx.js'

const LONGEST_SYNOPSIS = 80

/** What is wrong with a synopsis, as the end of a sentence. */
const synopsisRules: readonly (readonly [isBroken: (text: string, name: string) => boolean, wish: string])[] =
  [
    [text => !/^[\p{Lu}\d]/u.test(text), 'starts with no capital letter'],
    [text => /[.!]$/.test(text), 'ends like a sentence'],
    [text => /^(an?)\s/i.test(text), 'starts with an article'],
    [text => text !== text.trim() || /\s{2}|\n/.test(text), 'has spaces too many'],
    [text => text.length > LONGEST_SYNOPSIS, `is longer than ${LONGEST_SYNOPSIS} characters`],
    [(text, name) => text.toLowerCase() === name.toLowerCase(), 'says no more than the name'],
  ]

/** Looks at what a package says of itself. */
export function lintMetadata(linted: Linted): readonly Finding[] {
  const { name, meta } = linted.package
  const findings: Finding[] = []
  const missing = (field: string, code: string): number =>
    findings.push(about(linted, undefined, code, `has no ${field} in its meta`))
  if (meta.synopsis === undefined) missing('synopsis', 'NO_SYNOPSIS')
  else
    for (const [isBroken, wish] of synopsisRules)
      if (isBroken(meta.synopsis, name))
        findings.push(about(linted, 'synopsis', 'SYNOPSIS_STYLE', `has a synopsis that ${wish}`))
  if (meta.homepage === undefined) missing('homepage', 'NO_HOMEPAGE')
  else if (!/^https?:\/\/[^\s/]+/.test(meta.homepage))
    findings.push(
      about(linted, 'homepage', 'BAD_HOMEPAGE', `has a homepage that is no URL: ${meta.homepage}`),
    )
  if (meta.license === undefined) missing('license', 'NO_LICENSE')
  else {
    const problem = licenseProblem(meta.license)
    if (problem !== undefined)
      findings.push(
        about(linted, 'license', 'BAD_LICENSE', `has a license that is no SPDX expression: ${problem}`),
      )
  }
  return findings
}
