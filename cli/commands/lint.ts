import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { lint, openChannel } from '../../builder/index.js'
import { defineCommand } from '../command.js'

export const command = defineCommand({
  usage: 'lint [PKG...]',
  describe: 'Find what could be better in the recipes of the channel in this folder',
  examples: [
    ['store lint', 'all recipes, with their types, and their URLs'],
    ['store lint --offline hello', 'one of them, without asking its URLs'],
  ],
  words: [0, Number.POSITIVE_INFINITY],
  options: {
    offline: { type: 'boolean', describe: 'Ask no URL whether it is alive' },
  },
  async run(context, args) {
    const folder = context.cwd
    const { world } = await openChannel(await context.channelHost(), { name: folder, url: folder })
    const compiler = createRequire(join(context.dist, 'store.cjs')).resolve('typescript/package.json')
    const findings = await lint(args.words, {
      world,
      tsc: join(dirname(compiler), 'bin/tsc'),
      openStore: context.store,
      urls: args.flag('offline')
        ? undefined
        : { ...(await context.fetching()), signal: context.signal, sandbox: context.programs.sandbox },
      note: context.note,
    })
    if (findings.length > 0) process.exitCode = 1
    return { findings: findings.map(finding => ({ ...finding, file: shown(folder, finding.file) })) }
  },
  print: ({ findings }) =>
    findings.map(({ file, line, code, sentence }) => `${file}:${line}: ${sentence} [${code}]`),
})

/** As the user would name it from here. */
const shown = (folder: string, file: string): string => {
  const path = relative(folder, file)
  return path.startsWith('..') ? file : path
}
