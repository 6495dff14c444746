import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { addAbortSignal } from 'node:stream'
import { readNar, writing } from '../../store/index.js'
import { defineCommand } from '../command.js'
import { Usage } from '../errors.js'

export const command = defineCommand({
  usage: 'restore DIR',
  describe: 'Unpack the NAR on stdin as DIR, which must not exist',
  examples: [['store restore ./folder < folder.nar', 'the tree that was dumped']],
  words: [1, 1],
  async run(context, args) {
    const target = resolve(context.cwd, args.words[0]!)
    const folder = dirname(target)
    if (!(await stat(folder).catch(() => undefined))?.isDirectory())
      throw new Usage(`There is no folder "${folder}"`, { hint: `Make it first: mkdir -p ${folder}` })
    const nar = addAbortSignal(context.signal, process.stdin)
    await writing(folder, () => readNar(nar, target))
  },
})
