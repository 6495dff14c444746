import { lstat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { readInfo, readingAll, writeNar } from '../../store/index.js'
import { defineCommand } from '../command.js'
import type { Context } from '../context.js'
import { Usage } from '../errors.js'
import { resolveObject } from '../objects.js'

export const command = defineCommand({
  usage: 'dump PATH|PKG|DIR',
  describe: 'Write an object, or any tree, to stdout as a NAR',
  examples: [
    ['store dump ./folder > folder.nar', 'a folder'],
    ['store dump hello | sha256sum', 'an object'],
  ],
  words: [1, 1],
  async run(context, args) {
    if (process.stdout.isTTY)
      throw new Usage('A NAR is not for terminals', { hint: 'Redirect the output to a file' })
    const source = await locate(context, args.words[0]!)
    const nar = Readable.from(readingAll(source, writeNar(source)), { objectMode: false })
    await pipeline(nar, process.stdout, { signal: context.signal })
  },
})

/** A file that exists is meant as such; anything else is an object. */
async function locate(context: Context, text: string): Promise<string> {
  const file = resolve(context.cwd, text)
  if (await lstat(file).catch(() => undefined)) return file
  const store = await context.store()
  const path = await resolveObject(context, text)
  await store.keepAlive([path])
  await readInfo(store, path)
  return store.locate(path)
}
