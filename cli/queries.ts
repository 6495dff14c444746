import { formatStorePath, type Store, type StorePath } from '../store/index.js'
import { type Command, defineCommand } from './command.js'
import { resolveObject } from './objects.js'

interface Question {
  readonly name: string
  readonly describe: string
  readonly meaning: string
}

/** A command that asks the store about one object and prints paths. */
export const pathQuery = (
  { name, describe, meaning }: Question,
  ask: (store: Store, path: StorePath) => Promise<readonly StorePath[]>,
): Command<{ readonly paths: readonly string[] }> =>
  defineCommand({
    usage: `${name} PATH|PKG`,
    describe,
    examples: [[`store ${name} hello`, meaning]],
    words: [1, 1],
    async run(context, args) {
      const paths = await ask(await context.store(), await resolveObject(context, args.words[0]!))
      return { paths: paths.map(formatStorePath) }
    },
    print: ({ paths }) => paths,
  })
