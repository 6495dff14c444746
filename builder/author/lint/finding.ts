import type { Emission, EmittedPackage } from '../../recipe/index.js'

/** Something about a recipe that its author should look at. */
export interface Finding {
  /** Where it lies on this machine. */
  readonly file: string
  /** Counts from 1. */
  readonly line: number
  readonly code: string
  readonly sentence: string
}

/** A package of a channel, with the text of the file that exports it. */
export interface Linted {
  readonly package: EmittedPackage
  readonly file: string
  readonly text: string
  /** Where the package and all that it needs are declared. */
  readonly emission: Emission
}

/** Says something of a package, at the line of one of its fields or, without it, of its export. */
export const about = (
  linted: Linted,
  field: string | undefined,
  code: string,
  sentence: string,
): Finding => ({
  file: linted.file,
  line: lineOf(linted.text, linted.package.exportName, field),
  code,
  sentence: `"${linted.package.name}" ${sentence}`,
})

/** The same, at the line where the file has `literal`, such as a URL; at that of the field where it is put together. */
export function aboutLiteral(
  linted: Linted,
  { literal, field }: { readonly literal: string; readonly field: string },
  code: string,
  sentence: string,
): Finding {
  const finding = about(linted, field, code, sentence)
  const lines = linted.text.split('\n')
  const start = lineOf(linted.text, linted.package.exportName) - 1
  const places = lines.flatMap((line, i) => (literal !== '' && line.includes(literal) ? [i] : []))
  const at = places.find(place => place >= start) ?? places[0]
  return at === undefined ? finding : { ...finding, line: at + 1 }
}

/** The line of a field of the recipe that is exported by a name, or of the export. */
export function lineOf(text: string, exportName: string, field?: string): number {
  const lines = text.split('\n')
  const isExport = new RegExp(`^export\\b.*(?<![\\w$])${exportName.replaceAll('$', '\\$')}(?![\\w$])`)
  const start = Math.max(
    0,
    lines.findIndex(line => isExport.test(line)),
  )
  if (field === undefined) return start + 1
  const isField = new RegExp(`(^|[{,(.])\\s*${field}\\b`)
  const end = lines.findIndex((line, i) => i > start && /^export\b/.test(line))
  const at = lines.findIndex((line, i) => i >= start && (end < 0 || i < end) && isField.test(line))
  return (at < 0 ? start : at) + 1
}
