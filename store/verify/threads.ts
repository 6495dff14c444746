import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { NarHash } from '../nar/hash.js'
import type { Looked } from './looked.js'

/** Threads that hash trees. Disposing of them ends them; what they are at then is never told. */
export interface HashingThreads extends AsyncDisposable {
  readonly count: number
  /** What `hashTree` gives of the tree at `path`, in its turn. */
  hash(path: string): Promise<Looked<NarHash>>
}

/** Disks that are read at more places at once than this become slower. */
const MOST = 4

/** Each thread runs `program`, from when there is something for it to do. */
export function startHashing(program: string): HashingThreads {
  const count = Math.min(MOST, availableParallelism())
  const workers: Worker[] = []
  const idle: Worker[] = []
  const waiting: ((worker: Worker) => void)[] = []
  const start = (): Worker => {
    const worker = new Worker(program)
    workers.push(worker)
    return worker
  }
  const take = (): Worker | Promise<Worker> =>
    idle.pop() ?? (workers.length < count ? start() : new Promise(resolve => waiting.push(resolve)))
  const free = (worker: Worker): void => {
    const next = waiting.shift()
    if (next) next(worker)
    else idle.push(worker)
  }
  return {
    count,
    hash: async path => {
      const worker = await take()
      worker.postMessage(path)
      const [looked] = await once(worker, 'message')
      free(worker)
      return looked
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(workers.map(worker => worker.terminate()))
    },
  }
}
