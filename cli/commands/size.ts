import { formatStorePath, measureClosure } from '../../store/index.js'
import { defineCommand } from '../command.js'
import { resolveObject } from '../objects.js'
import { formatSize } from '../terminal.js'

export const command = defineCommand({
  usage: 'size PATH|PKG...',
  describe: 'List what objects need by size: of each alone, and of each with all that it needs',
  examples: [['store size hello', 'the largest first, the sum last']],
  words: [1, Number.POSITIVE_INFINITY],
  async run(context, args) {
    const roots = []
    for (const word of args.words) roots.push(await resolveObject(context, word))
    const sizes = await measureClosure(await context.store(), roots)
    return {
      objects: sizes.map(({ path, self, closure }) => ({ path: formatStorePath(path), self, closure })),
      size: sizes.reduce((sum, { self }) => sum + self, 0),
    }
  },
  print: ({ objects, size }) => [
    ...objects.map(({ path, self, closure }) => `${column(self)}  ${column(closure)}  ${path}`),
    `${column(size)}  ${''.padStart(WIDTH)}  total`,
  ],
})

const WIDTH = 10
const column = (bytes: number): string => formatSize(bytes).padStart(WIDTH)
