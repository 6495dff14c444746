import { defineCommand } from '../command.js'

/** The format of what `describe --json` writes and `time-machine -C` reads. */
export const PINS_FORMAT = 'pins-1'

export const command = defineCommand({
  usage: 'describe',
  describe: 'Print the channels that commands use now, each with its commit',
  examples: [
    ['store describe', 'for people'],
    ['store describe --json > pins.json', 'for: store time-machine -C pins.json -- build hello'],
  ],
  words: [0, 0],
  async run(context) {
    const channels = []
    for (const channel of await context.channels()) {
      const { name, url, commit, isDirty } = await channel.pin()
      if (commit === undefined) context.note(`the channel "${name}" is a plain folder, which nobody can pin`)
      else if (isDirty) context.note(`the channel "${name}" has changes that are in no commit`)
      channels.push({ name, url, commit: commit ?? null, dirty: isDirty })
    }
    return { format: PINS_FORMAT, channels }
  },
  print: ({ channels }) =>
    channels.map(
      ({ name, url, commit, dirty }) => `${name} ${url} ${commit ?? '-'}${dirty ? ' (changed)' : ''}`,
    ),
})
