import { resolve } from 'node:path'
import { addAbortSignal } from 'node:stream'
import { readNar } from '../../store/index.js'
import { defineCommand } from '../command.js'

export const command = defineCommand({
  usage: 'restore DIR',
  describe: 'Unpack the NAR on stdin as DIR, which must not exist',
  examples: [['store restore ./folder < folder.nar', 'the tree that was dumped']],
  words: [1, 1],
  async run(context, args) {
    await readNar(addAbortSignal(context.signal, process.stdin), resolve(context.cwd, args.words[0]!))
  },
})
