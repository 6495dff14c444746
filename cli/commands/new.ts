import { newRecipe, openChannel } from '../../builder/index.js'
import { defineCommand } from '../command.js'
import { Usage } from '../errors.js'

export const command = defineCommand({
  usage: 'new NAME --url URL',
  describe: 'Write a first recipe into the channel in this folder, from what its source says',
  examples: [
    ['store new hello --url mirror://gnu/hello/hello-2.10.tar.gz', 'writes recipes/hello.ts, or hello.ts'],
    ['store new it --url file:///tmp/it.tar.gz --version 1.2', 'where the name of the file has no version'],
  ],
  words: [1, 1],
  options: {
    url: { type: 'string', describe: 'Where the source is: https, http, file or mirror' },
    version: { type: 'string', describe: 'Its version; read from the URL unless told' },
    synopsis: { type: 'string', describe: 'What the package is, in one line' },
    homepage: { type: 'string', describe: 'Where people read about it' },
  },
  async run(context, args) {
    const name = args.words[0]!
    const url = args.text('url')
    if (url === undefined) throw new Usage('There is no --url', { hint: 'Usage: store new NAME --url URL' })
    if (!/^(https?|mirror|file):\/\/./.test(url))
      throw new Usage(`"${url}" is no URL`, {
        hint: 'URLs start with https://, http://, file:// or mirror://',
      })
    if (!/^[0-9A-Za-z][0-9A-Za-z+._-]*$/.test(name))
      throw new Usage(`"${name}" cannot be the name of a package`, { hint: 'Use letters, digits and +-._' })
    const version = args.text('version')
    if (version !== undefined && !/^[0-9A-Za-z+._?=-]+$/.test(version))
      throw new Usage(`"${version}" cannot be a version`, { hint: 'Use letters, digits and +-._?=' })
    const folder = context.cwd
    const { world } = await openChannel(await context.channelHost(), { name: folder, url: folder })
    const made = await newRecipe(
      { name, url, version, synopsis: args.text('synopsis'), homepage: args.text('homepage') },
      { ...(await context.fetching()), signal: context.signal, world, folder, warn: context.note },
    )
    for (const what of made.todo) context.note(`to do: ${what}`)
    return made
  },
  print: ({ file, config }) => [file, ...(config === undefined ? [] : [config])],
})
