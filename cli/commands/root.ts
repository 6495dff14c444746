import { addRoot, formatStorePath, listLinks, listNamedRoots, removeRoot } from '../../store/index.js'
import { type Arguments, defineCommand } from '../command.js'
import type { Context } from '../context.js'
import { Usage } from '../errors.js'
import { resolveObject } from '../objects.js'

interface RootList {
  readonly roots: readonly { readonly name: string; readonly path: string }[]
}

const usage = { hint: 'Usage: store root add NAME PATH|PKG, store root list, store root remove NAME' }

export const command = defineCommand({
  usage: 'root add NAME PATH|PKG | list | remove NAME',
  describe: 'Name objects that are to be kept, with all they need, until the name is removed',
  examples: [
    ['store root add tools hello', 'keeps hello, whatever is collected'],
    ['store root list', 'names and out-links, with what they keep'],
    ['store root remove tools', 'lets it go'],
  ],
  words: [1, 3],
  async run(context, args) {
    const [name = ''] = args.words
    const act = actions[name]
    if (!act) throw new Usage(`"store root" cannot "${name}"`, usage)
    if (args.words.length !== act.words) throw new Usage(`"store root ${name}" takes other words`, usage)
    return act.run(context, args)
  },
  print: data => (data ? data.roots.map(({ name, path }) => `${name}\t${path}`) : []),
})

const actions: Readonly<
  Record<
    string,
    {
      readonly words: number
      run(context: Context, args: Arguments): Promise<RootList | undefined>
    }
  >
> = {
  add: {
    words: 3,
    run: async (context, { words }) => {
      await addRoot(await context.store(), words[1]!, await resolveObject(context, words[2]!))
      return undefined
    },
  },
  list: {
    words: 1,
    run: async context => {
      const store = await context.store()
      const links = (await listLinks(store)).flatMap(({ link, path }) => (path ? [{ name: link, path }] : []))
      const all = [...(await listNamedRoots(store)), ...links]
      return { roots: all.map(({ name, path }) => ({ name, path: formatStorePath(path) })) }
    },
  },
  remove: {
    words: 2,
    run: async (context, { words }) => {
      await removeRoot(await context.store(), words[1]!)
      return undefined
    },
  },
}
