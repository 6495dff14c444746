import { explainDependency, formatStorePath, type Link } from '../../store/index.js'
import { defineCommand } from '../command.js'
import { resolveObject } from '../objects.js'
import { plainText } from '../terminal.js'

export const command = defineCommand({
  usage: 'why-depends PATH|PKG PATH|PKG',
  describe: 'Show the chain of references by which the first object keeps the second',
  examples: [
    ['store why-depends hello glibc', 'each step, with the file and the byte that names the next'],
    ['store why-depends --all hello glibc', 'the steps of all chains'],
  ],
  words: [2, 2],
  options: { all: { type: 'boolean', describe: 'Show every chain, not the shortest alone' } },
  async run(context, args) {
    const from = await resolveObject(context, args.words[0]!)
    const to = await resolveObject(context, args.words[1]!)
    const which = args.flag('all') ? 'all' : 'shortest'
    return { links: (await explainDependency(await context.store(), from, to, which)).map(describe) }
  },
  print: ({ links }) =>
    links.flatMap(({ from, to, places }) => [
      `${from} -> ${to}`,
      ...places.map(({ file, where, offset }) =>
        plainText(
          `  ${file || '(the file itself)'}: ${where === 'target' ? 'its target' : 'byte'} ${offset}`,
        ),
      ),
    ]),
})

const describe = ({ from, to, places }: Link) => ({
  from: formatStorePath(from),
  to: formatStorePath(to),
  places: places.map(({ file, where, offset }) => ({ file, where, offset })),
})
