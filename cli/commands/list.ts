import { listPackages } from '../../builder/index.js'
import { defineCommand } from '../command.js'

export const command = defineCommand({
  usage: 'list',
  describe: 'List the packages of the channel',
  examples: [['store list', 'name, version and synopsis of each']],
  words: [0, 0],
  async run(context) {
    const packages = await listPackages(await context.recipes())
    return {
      packages: packages.map(({ name, version, meta }) => ({ name, version, synopsis: meta.synopsis ?? '' })),
    }
  },
  print({ packages }) {
    const width = Math.max(0, ...packages.map(({ name, version }) => name.length + version.length + 1))
    return packages.map(({ name, version, synopsis }) =>
      `${`${name}@${version}`.padEnd(width)}  ${synopsis}`.trimEnd(),
    )
  },
})
