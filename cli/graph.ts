/** Objects and what each refers to, itself left out. */
export interface Graph {
  readonly objects: readonly {
    readonly path: string
    readonly size: number
    readonly references: readonly string[]
  }[]
}

/** What people call an object: its name, without `/store/` and the hash. */
const label = (path: string): string => path.slice('/store/'.length + 33)

/** A graph as text, by format. */
export const formatGraph: Readonly<Record<string, (graph: Graph) => readonly string[]>> = {
  json: graph => [JSON.stringify(graph)],
  dot: ({ objects }) => [
    'digraph store {',
    '  rankdir=LR',
    '  node [shape=box]',
    ...objects.flatMap(({ path, references }) => [
      `  "${path}" [label="${label(path)}"]`,
      ...references.map(other => `  "${path}" -> "${other}"`),
    ]),
    '}',
  ],
  mermaid: ({ objects }) => {
    const numbers = new Map(objects.map(({ path }, i) => [path, `n${i}`]))
    return [
      'graph LR',
      ...objects.flatMap(({ path, references }) => [
        `  ${numbers.get(path)}["${label(path)}"]`,
        ...references.map(other => `  ${numbers.get(path)} --> ${numbers.get(other)}`),
      ]),
    ]
  },
}
