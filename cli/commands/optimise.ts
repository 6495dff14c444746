import { optimise } from '../../store/index.js'
import { defineCommand } from '../command.js'
import { formatSize } from '../terminal.js'

export const command = defineCommand({
  usage: 'optimise',
  describe: 'Let equal files of different objects share their bytes, by hard links',
  examples: [
    ['store optimise', 'what was added since the last time'],
    ['STORE_OPTIMISE=1 store optimise', 'the variable does the same whenever something is added'],
  ],
  words: [0, 0],
  async run(context) {
    const store = await context.store()
    using gauge = await context.gauge()
    return await optimise(store, {
      signal: context.signal,
      report: ({ objects, total, saved }) =>
        gauge.show(() => `${objects} of ${total} objects, ${formatSize(saved)} saved`),
    })
  },
  print: ({ saved }) => [String(saved)],
})
