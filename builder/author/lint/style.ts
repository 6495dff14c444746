import { basename, extname } from 'node:path'
import { exportNameOf } from '../write.js'
import { about, type Finding, type Linted } from './finding.js'

/** A package lies in a file of its name: there it is found without reading any other. */
export function lintNames(all: readonly Linted[]): readonly Finding[] {
  return all.flatMap(linted => {
    const { name, exportName, file } = linted.package
    const isAlone = all.filter(other => other.file === linted.file).length === 1
    const base = basename(file, extname(file))
    if (!isAlone) return []
    const wished = exportNameOf(name)
    return [
      ...(base === name
        ? []
        : [about(linted, undefined, 'FILE_NAME', `lies in "${base}.ts", not in "${name}.ts"`)]),
      ...(exportName === wished
        ? []
        : [about(linted, undefined, 'EXPORT_NAME', `is exported as "${exportName}", not as "${wished}"`)]),
    ]
  })
}

/** Reasons that are none. */
const excuse = /^(todo|fixme|xxx|later|broken|fails?|failing|tests?|skip(ped)?|disabled?|none|no)\W*$/i

/** Tests that are not run for no reason, or for one that tells nothing. */
export function lintTests(linted: Linted): readonly Finding[] {
  const { package: found, emission, text } = linted
  const findings = found.skipped
    .filter(({ phase, reason }) => phase === 'check' && excuse.test(reason.trim()))
    .map(({ reason }) =>
      about(linted, 'without', 'TESTS_OFF', `leaves its tests out for no reason: "${reason}"`),
    )
  const node = emission.nodes[found.node!]
  const script =
    node?.kind === 'build'
      ? node.args
          .flat()
          .map(part => (typeof part === 'string' ? part : 'x'))
          .join('')
      : ''
  const check = /^phase_check\(\) \{\n([\s\S]*?)\n\}$/m.exec(script)?.[1]
  const isEmpty =
    check !== undefined && /^(\s*(#.*|true|:|echo .*|(exit|return) 0)?\s*(\n|;|$))*$/.test(check)
  if (isEmpty || (check !== undefined && /checkTargets:\s*\[\s*\]/.test(text)))
    findings.push(
      about(
        linted,
        isEmpty ? 'replace' : 'phases',
        'TESTS_OFF',
        "has a check that tests nothing; write .without('check', 'the reason')",
      ),
    )
  return findings
}
