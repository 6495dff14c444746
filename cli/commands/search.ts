import { searchPackages } from '../../builder/index.js'
import { defineCommand } from '../command.js'
import { listOf, listPackages, printList } from '../packages.js'

export const command = defineCommand({
  usage: 'search WORD...',
  describe: 'Find packages in whose name, synopsis or description all words occur, best match first',
  examples: [['store search compression', 'packages that compress']],
  words: [1, Number.POSITIVE_INFINITY],
  run: async (context, { words }) => listOf(searchPackages(await listPackages(context), words)),
  print: printList,
})
