import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { exportClosure } from '../../store/index.js'
import { defineCommand } from '../command.js'
import { Usage } from '../errors.js'
import { resolveObject } from '../objects.js'

export const command = defineCommand({
  usage: 'export PATH|PKG...',
  describe: 'Write objects and all they refer to, with what is known of each, to stdout as one stream',
  examples: [
    ['store export hello > hello.export', 'for a store on another machine'],
    ['store export hello | ssh there store import', 'at once'],
  ],
  words: [1, Number.POSITIVE_INFINITY],
  async run(context, args) {
    if (process.stdout.isTTY)
      throw new Usage('An export is not for terminals', { hint: 'Redirect the output to a file' })
    const paths = []
    for (const word of args.words) paths.push(await resolveObject(context, word))
    const stream = exportClosure(await context.store(), paths)
    await pipeline(Readable.from(stream, { objectMode: false }), process.stdout, { signal: context.signal })
  },
})
