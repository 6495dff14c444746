import { describeStandard, type FolderPin, makePins, type WrittenPoint } from '../../builder/index.js'
import { defineCommand } from '../command.js'
import type { Context } from '../context.js'

export const command = defineCommand({
  usage: 'describe',
  describe: 'Print what commands use now: the channels and the recipe library, each with its commit',
  examples: [
    ['store describe', 'for people'],
    ['store describe --json > pins.json', 'for: store time-machine -C pins.json -- build hello'],
  ],
  words: [0, 0],
  async run(context) {
    const channels: FolderPin[] = []
    for (const channel of await context.channels()) channels.push(await channel.pin())
    const library = await describeStandard(await context.channelHost())
    for (const pin of channels) tell(context, `channel "${pin.name}"`, pin)
    if (!channels.some(({ url }) => url === library.url)) tell(context, 'recipe library', library)
    return makePins({ library, channels })
  },
  print: ({ library, channels }) => [
    ...channels.map(({ name, ...pin }) => `${name} ${describe(pin)}`),
    `library: ${describe(library)}`,
  ],
})

/** Tells what of a pin nobody can go back to. */
function tell({ note }: Context, what: string, { point, problem }: FolderPin): void {
  if (problem !== undefined) note(`the ${what} can be gone back to only while it stays as it is: ${problem}`)
  else if (point.kind === 'commit' && point.isDirty) note(`the ${what} has changes that are in no commit`)
}

const describe = (pin: WrittenPoint): string =>
  'content' in pin ? `${pin.url} ${pin.content}` : `${pin.url} ${pin.commit}${pin.dirty ? ' (changed)' : ''}`
