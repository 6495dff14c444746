import { computeClosure, formatStorePath } from '../../store/index.js'
import { defineCommand } from '../command.js'
import { resolveObject } from '../objects.js'

export const command = defineCommand({
  usage: 'closure PATH|PKG...',
  describe: 'List objects and all they refer to, directly or not',
  examples: [
    ['store closure hello', 'every object that hello needs when it runs'],
    ['store closure --size hello', 'the bytes of each, and their sum'],
  ],
  words: [1, Number.POSITIVE_INFINITY],
  options: { size: { type: 'boolean', describe: 'Print the size of each object, and the sum last' } },
  async run(context, args) {
    const roots = []
    for (const word of args.words) roots.push(await resolveObject(context, word))
    const objects = await computeClosure(await context.store(), roots)
    return {
      paths: objects.map(({ path, narSize }) => ({ path: formatStorePath(path), narSize })),
      size: objects.reduce((sum, { narSize }) => sum + narSize, 0),
    }
  },
  print: ({ paths, size }, args) =>
    args.flag('size')
      ? [...paths.map(({ path, narSize }) => `${narSize}\t${path}`), `${size}\ttotal`]
      : paths.map(({ path }) => path),
})
