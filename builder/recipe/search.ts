import { asReference, type Reference, type Text, text } from './text.js'

/** For each variable, the folders of a package that it lists: `{ PATH: ['bin'] }`. */
export type SearchPaths = Readonly<Record<string, readonly string[]>>

/** What compilers and shells look for in most packages. */
export const defaultSearchPaths: SearchPaths = Object.freeze({
  PATH: ['bin'],
  C_INCLUDE_PATH: ['include'],
  CPLUS_INCLUDE_PATH: ['include'],
  LIBRARY_PATH: ['lib'],
  PKG_CONFIG_PATH: ['lib/pkgconfig', 'share/pkgconfig'],
  ACLOCAL_PATH: ['share/aclocal'],
})

/** Outputs that nobody compiles or links against. */
const passive = ['doc', 'debug']

/** The references an input stands for: one output where one was chosen, else all that builds may use. */
export function inputReferences(input: unknown): readonly Reference[] {
  const reference = asReference(input)
  if (reference?.to.kind !== 'recipe') return []
  if (reference === input) return [reference]
  const { to } = reference
  return to.outputs
    .filter(name => !passive.includes(name))
    .map(name => ({ kind: 'reference', to, output: name }))
}

/** The variables by which a build finds its inputs, each a colon-separated list in the order of the inputs. */
export function searchVariables(inputs: Readonly<Record<string, unknown>>): Map<string, Text> {
  const folders = new Map<string, (string | Reference)[]>()
  for (const reference of Object.values(inputs).flatMap(inputReferences)) {
    if (reference.to.kind !== 'recipe') continue
    for (const [variable, names] of Object.entries(reference.to.searchPaths)) {
      const list = folders.get(variable) ?? []
      folders.set(variable, list)
      for (const name of names) list.push(...(list.length > 0 ? [':'] : []), reference, `/${name}`)
    }
  }
  return new Map([...folders].map(([variable, parts]) => [variable, text(...parts)]))
}
