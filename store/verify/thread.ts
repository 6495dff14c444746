import { parentPort } from 'node:worker_threads'
import { hashTreeSync } from '../nar/hash.js'
import { whole } from './looked.js'

// What a thread of `startHashing` runs: it gets the path of a tree, and the next one when it has answered.
parentPort!.on('message', async (path: string) =>
  parentPort!.postMessage(await whole(() => hashTreeSync(path))),
)
