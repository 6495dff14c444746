import { optimise } from '../../store/index.js'
import { defineCommand } from '../command.js'
import { formatSize } from '../terminal.js'

/** Milliseconds between two lines of progress. */
const INTERVAL = 1000

export const command = defineCommand({
  usage: 'optimise',
  describe: 'Let equal files of different objects share their bytes, by hard links',
  examples: [
    ['store optimise', 'what was added since the last time'],
    ['STORE_OPTIMISE=1 store optimise', 'the variable does the same whenever something is added'],
  ],
  words: [0, 0],
  async run(context) {
    let told = performance.now()
    return optimise(await context.store(), {
      signal: context.signal,
      report: ({ objects, total, saved }) => {
        if (performance.now() - told < INTERVAL) return
        told = performance.now()
        context.note(`${objects} of ${total} objects, ${formatSize(saved)} saved`)
      },
    })
  },
  print: ({ saved }) => [String(saved)],
})
