import { basename, resolve } from 'node:path'
import { addTree, formatStorePath } from '../../store/index.js'
import { defineCommand } from '../command.js'

export const command = defineCommand({
  usage: 'add FILE|DIR',
  describe: 'Add a file or folder to the store, by content, and print its store path',
  examples: [['store add ./data --name data', 'the folder data, as an object of that name']],
  words: [1, 1],
  options: { name: { type: 'string', describe: 'Name of the object; that of the file unless told' } },
  async run(context, args) {
    const source = resolve(context.cwd, args.words[0]!)
    const name = args.text('name') ?? basename(source)
    const { signal } = context
    const info = await addTree(await context.store(), name, source, { signal })
    return { path: formatStorePath(info.path) }
  },
  print: ({ path }) => [path],
})
