import { makePins } from '../../builder/index.js'
import { defineCommand } from '../command.js'

export const command = defineCommand({
  usage: 'describe',
  describe: 'Print the channels that commands use now, each with its commit',
  examples: [
    ['store describe', 'for people'],
    ['store describe --json > pins.json', 'for: store time-machine -C pins.json -- build hello'],
  ],
  words: [0, 0],
  async run(context) {
    const pins = []
    for (const channel of await context.channels()) {
      const pin = await channel.pin()
      const { name, commit, isDirty } = pin
      if (commit === undefined) context.note(`the channel "${name}" is a plain folder, which nobody can pin`)
      else if (isDirty) context.note(`the channel "${name}" has changes that are in no commit`)
      pins.push(pin)
    }
    return makePins(pins)
  },
  print: ({ channels }) =>
    channels.map(
      ({ name, url, commit, dirty }) => `${name} ${url} ${commit ?? '-'}${dirty ? ' (changed)' : ''}`,
    ),
})
