import { addAbortSignal } from 'node:stream'
import { formatStorePath, importObjects } from '../../store/index.js'
import { defineCommand } from '../command.js'

/** Milliseconds between two lines of progress. */
const INTERVAL = 1000

export const command = defineCommand({
  usage: 'import',
  describe: 'Add the objects of an export on stdin, and print their paths; all of them or none',
  examples: [['store import < hello.export', 'what store export wrote']],
  words: [0, 0],
  async run(context) {
    let told = performance.now()
    const infos = await importObjects(await context.store(), addAbortSignal(context.signal, process.stdin), {
      signal: context.signal,
      report: read => {
        if (performance.now() - told < INTERVAL) return
        told = performance.now()
        context.note(`read ${read} objects`)
      },
    })
    return { paths: infos.map(({ path }) => formatStorePath(path)) }
  },
  print: ({ paths }) => paths,
})
