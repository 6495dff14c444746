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
    [
      'store export --sources --to sources hello',
      'all that is fetched for it; then STORE_SOURCES=sources builds it offline',
    ],
  ],
  words: [1, Number.POSITIVE_INFINITY],
  options: {
    sources: {
      type: 'boolean',
      describe: 'Write all that is fetched for packages, as a tar archive',
    },
    to: { type: 'string', describe: 'With --sources: write the files into FOLDER instead' },
  },
  async run(context, args) {
    if (args.flag('sources')) {
      const { exportSources } = await import('./export-sources.js')
      return { files: await exportSources(context, args) }
    }
    if (args.text('to') !== undefined)
      throw new Usage('--to is for --sources', { hint: 'Redirect the output instead' })
    if (process.stdout.isTTY)
      throw new Usage('An export is not for terminals', { hint: 'Redirect the output to a file' })
    const paths = []
    for (const word of args.words) paths.push(await resolveObject(context, word))
    const stream = exportClosure(await context.store(), paths)
    await pipeline(Readable.from(stream, { objectMode: false }), process.stdout, { signal: context.signal })
    return undefined
  },
  print: data => data?.files ?? [],
})
