import { createReadStream } from 'node:fs'
import { access } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { logFile } from '../../builder/index.js'
import { findInfo, resolvePath, StoreError, type StorePath } from '../../store/index.js'
import { defineCommand } from '../command.js'
import type { Context } from '../context.js'
import { looksLikePath, lowerPackage } from '../objects.js'

export class NoLog extends StoreError {
  readonly code = 'NO_LOG'

  constructor(text: string) {
    super(`There is no log of "${text}"`, {
      hint: 'Only what was built in this store has a log; fetched files have none',
    })
  }
}

export const command = defineCommand({
  usage: 'log PKG|PATH',
  describe: 'Show the log of the last build of a package or object, also of a failed one',
  examples: [
    ['store log hello', 'all of it'],
    ['store log hello --tail 20', 'the last lines'],
  ],
  words: [1, 1],
  options: { tail: { type: 'number', describe: 'Only the last N lines' } },
  async run(context, args) {
    const text = args.words[0]!
    const file = await findLog(context, text)
    if (file === undefined) throw new NoLog(text)
    const tail = args.count('tail')
    if (tail === undefined && !args.flag('json')) {
      await pipeline(createReadStream(file), createGunzip(), process.stdout, { end: false })
      return undefined
    }
    return { lines: await lastLines(file, tail) }
  },
  print: data => data?.lines ?? [],
})

/** The log of the derivation that `text` means, or of one that made the same outputs. */
async function findLog(context: Context, text: string): Promise<string | undefined> {
  const store = await context.store()
  for (const derivation of await derivers(context, text)) {
    const file = logFile(store.state, derivation)
    if (
      await access(file).then(
        () => true,
        () => false,
      )
    )
      return file
  }
  return undefined
}

async function derivers(context: Context, text: string): Promise<readonly StorePath[]> {
  const store = await context.store()
  if (looksLikePath(text)) {
    const path = await resolvePath(store, text)
    return [
      path,
      ...((await findInfo(store, path))?.deriver ? [(await findInfo(store, path))!.deriver!] : []),
    ]
  }
  const { lowered } = await lowerPackage(context, text)
  const infos = await Promise.all([...lowered.outputs.values()].map(output => findInfo(store, output)))
  return [lowered.path, ...infos.flatMap(info => info?.deriver ?? [])]
}

async function lastLines(file: string, count = Number.POSITIVE_INFINITY): Promise<readonly string[]> {
  let text = ''
  for await (const chunk of createReadStream(file).pipe(createGunzip())) {
    text += chunk
    if (text.length > 1 << 24) text = text.slice(-(1 << 23))
  }
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return count === 0 ? [] : lines.slice(-count)
}
