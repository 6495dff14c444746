import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { type AskProgress, type Finding, lint, openChannel } from '../../builder/index.js'
import { defineCommand } from '../command.js'
import type { Context } from '../context.js'
import { Usage } from '../errors.js'
import { formatSize } from '../terminal.js'

export const command = defineCommand({
  usage: 'lint [PKG...]',
  describe: 'Find what could be better in the recipes of the channel in this folder',
  examples: [
    ['store lint', 'all recipes, with their types, and their URLs'],
    ['store lint --offline hello', 'one of them, without asking its URLs'],
    ['store lint --download hello', 'with all that its URLs give, compared with the hashes'],
  ],
  words: [0, Number.POSITIVE_INFINITY],
  options: {
    offline: { type: 'boolean', describe: 'Ask no URL whether it is alive' },
    download: { type: 'boolean', describe: 'Compare what each URL gives now with the declared hash' },
  },
  async run(context, args) {
    if (args.flag('offline') && args.flag('download'))
      throw new Usage('Nothing is downloaded with --offline', { hint: 'Leave out one of the two' })
    const folder = context.cwd
    const { world } = await openChannel(await context.channelHost(), { name: folder, url: folder })
    const compiler = createRequire(join(context.dist, 'store.cjs')).resolve('typescript/package.json')
    const urls = args.flag('offline') ? undefined : await askingOf(context, args.flag('download'))
    const notes = new Set<string>()
    const look = async (): Promise<readonly Finding[]> => {
      using gauge = await context.gauge()
      return await lint(args.words, {
        world,
        tsc: join(dirname(compiler), 'bin/tsc'),
        openStore: context.store,
        urls: urls && { ...urls, report: progress => gauge.show(() => describeAsking(progress)) },
        note: text => notes.add(text),
      })
    }
    const findings = await look()
    for (const text of notes) context.note(text)
    if (findings.length > 0) process.exitCode = 1
    return { findings: findings.map(finding => ({ ...finding, file: shown(folder, finding.file) })) }
  },
  print: ({ findings }) =>
    findings.map(({ file, line, code, sentence }) => `${file}:${line}: ${sentence} [${code}]`),
})

/** How URLs are asked and, where they shall be, downloaded. */
async function askingOf(context: Context, isDownloading: boolean) {
  const fetching = await context.fetching()
  const { signal, programs } = context
  const downloads = isDownloading ? fetching.cache : undefined
  return { ...fetching, signal, sandbox: programs.sandbox, downloads }
}

const describeAsking = ({ asked, urls, bytes }: AskProgress): string =>
  `${asked} of ${urls} URLs asked${bytes > 0 ? `, ${formatSize(bytes)} came` : ''}`

/** As the user would name it from here. */
const shown = (folder: string, file: string): string => {
  const path = relative(folder, file)
  return path.startsWith('..') ? file : path
}
