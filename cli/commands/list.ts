import { defineCommand } from '../command.js'
import { listOf, listPackages, printList } from '../packages.js'

export const command = defineCommand({
  usage: 'list',
  describe: 'List the packages of the channel',
  examples: [['store list', 'name, version and synopsis of each']],
  words: [0, 0],
  run: async context => listOf(await listPackages(context)),
  print: printList,
})
