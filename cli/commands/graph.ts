import { computeClosure, formatStorePath } from '../../store/index.js'
import { defineCommand } from '../command.js'
import { Usage } from '../errors.js'
import { formatGraph, type Graph } from '../graph.js'
import { resolveObject } from '../objects.js'

export const command = defineCommand<Graph>({
  usage: 'graph PATH|PKG...',
  describe: 'Draw what objects refer to, directly or not',
  examples: [
    ['store graph hello | dot -Tsvg > hello.svg', 'as a picture, with Graphviz'],
    ['store graph --format mermaid hello', 'for a document in Markdown'],
  ],
  words: [1, Number.POSITIVE_INFINITY],
  options: { format: { type: 'string', describe: 'Write it as dot (unless told), json or mermaid' } },
  async run(context, args) {
    const format = args.text('format') ?? 'dot'
    if (!Object.hasOwn(formatGraph, format))
      throw new Usage(`There is no format "${format}"`, {
        hint: `Known are ${Object.keys(formatGraph).join(', ')}`,
      })
    const roots = []
    for (const word of args.words) roots.push(await resolveObject(context, word))
    const infos = await computeClosure(await context.store(), roots)
    return {
      objects: infos.map(({ path, narSize, references }) => ({
        path: formatStorePath(path),
        size: narSize,
        references: references.filter(other => other !== path).map(formatStorePath),
      })),
    }
  },
  print: (graph, args) => formatGraph[args.text('format') ?? 'dot']!(graph),
})
