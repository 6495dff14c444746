import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { getSystemErrorName } from 'node:util'
import { StoreError } from './error.js'

/**
 * What Node lacks, done by a small program: locks the kernel frees when we die, `syncfs`, and walks over
 * trees of any depth and mode. Started when first needed; it dies with this process.
 */
export interface Keeper extends AsyncDisposable {
  /** Waits for the lock on `file`, which is made when missing. The number is for `unlock`. */
  lock(file: string, signal?: AbortSignal): Promise<number>
  tryLock(file: string): Promise<number | undefined>
  /** Removes the lock's file and frees it. */
  unlock(lock: number): Promise<void>
  /** Returns when everything written to the file system of `directory` is on disk. */
  sync(directory: string): Promise<void>
  /** Throws `KeeperLost` unless the program, and so every lock it took, is still there. */
  confirm(): Promise<void>
  /** The process that holds a POSIX lock on `file`. */
  findHolder(file: string): Promise<number | undefined>
  /** Gives every file below `tree` its canonical metadata. */
  canonicalise(tree: string): Promise<void>
  /** The same, but files that several trees share stay shared. */
  reset(tree: string): Promise<void>
  /** Lets two files or trees change places at one instant. */
  exchange(a: string, b: string): Promise<void>
  /** Removes `tree`, whatever its modes; nothing happens when it is not there. */
  remove(tree: string): Promise<void>
}

export class KeeperLost extends StoreError {
  readonly code = 'KEEPER_LOST'

  constructor(program: string, cause: unknown) {
    super(`The store's helper program "${program}" ended or does not run`, {
      hint: 'Run node setup.mjs in the source folder if it is missing; else it was killed: run the command again',
      cause,
    })
  }
}

/** A refusal by the system: its code (`EACCES`, ...), and the file it is about. */
export class KeeperFailure extends Error {
  readonly code: string
  readonly path: string

  constructor(command: string, code: string, path: string) {
    super(`${command} "${path}": ${code}`)
    this.code = code
    this.path = path
  }
}

interface Reply {
  readonly error: string | undefined
  readonly text: string
}

interface Connection {
  /** The number of a request names the lock it takes. */
  send(command: string, argument: string): { readonly id: number; readonly reply: Promise<Reply> }
  close(): Promise<void>
}

export function makeKeeper(program: string): Keeper {
  let connection: Connection | undefined
  const send = (command: string, argument: string) => {
    connection ??= connect(program)
    return connection.send(command, argument)
  }
  const ask = async (command: string, argument: string): Promise<string> => {
    const { error, text } = await send(command, argument).reply
    if (error !== undefined) throw new KeeperFailure(command, error, text || argument)
    return text
  }
  return {
    lock: async (file, signal) => {
      signal?.throwIfAborted()
      const { id, reply } = send('lock', file)
      const abandon = () => void ask('unlock', String(id)).catch(() => undefined)
      signal?.addEventListener('abort', abandon, { once: true })
      const { error } = await reply.finally(() => signal?.removeEventListener('abort', abandon))
      signal?.throwIfAborted()
      if (error !== undefined) throw new KeeperFailure('lock', error, file)
      return id
    },
    tryLock: async file => {
      const { id, reply } = send('try-lock', file)
      const { error } = await reply
      if (error === 'EAGAIN') return undefined
      if (error !== undefined) throw new KeeperFailure('lock', error, file)
      return id
    },
    unlock: async lock => void (await ask('unlock', String(lock))),
    sync: async directory => void (await ask('sync', directory)),
    confirm: async () => void (await ask('holder', '/')),
    findHolder: async file => Number(await ask('holder', file)) || undefined,
    canonicalise: async tree => void (await ask('canonicalise', tree)),
    reset: async tree => void (await ask('reset', tree)),
    exchange: async (a, b) => void (await ask('exchange', `${a}\0${b}`)),
    remove: async tree => void (await ask('remove', tree)),
    [Symbol.asyncDispose]: async () => {
      await connection?.close()
      connection = undefined
    },
  }
}

/**
 * Requests are `<id> <command> <bytes of argument>\n<argument>`, replies `<id> <errno> <bytes of text>\n<text>`.
 * Once the program is gone so are its locks: everything asked later fails, and no second one is started.
 */
function connect(program: string): Connection {
  const child = spawn(program, [], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  }) as unknown as ChildProcessWithoutNullStreams
  const waiting = new Map<number, { resolve(reply: Reply): void; reject(error: unknown): void }>()
  let lost: KeeperLost | undefined
  let last = 0
  let unread: Buffer = Buffer.alloc(0)

  const lose = (cause: unknown) => {
    lost ??= new KeeperLost(program, cause)
    for (const { reject } of waiting.values()) reject(lost)
    waiting.clear()
  }
  child.on('error', lose)
  child.on('close', (code, signal) => lose(new Error(`It ended with ${signal ?? code}`)))
  child.stdin.on('error', lose)
  child.stdout.on('data', (bytes: Buffer) => {
    unread = unread.length === 0 ? bytes : Buffer.concat([unread, bytes])
    for (let reply = readReply(unread); reply; reply = readReply(unread)) {
      unread = unread.subarray(reply.size)
      waiting.get(reply.id)?.resolve(reply)
      waiting.delete(reply.id)
    }
    keepAlive(child, waiting.size > 0)
  })
  keepAlive(child, false)
  return {
    send: (command, argument) => {
      const id = ++last
      const reply = new Promise<Reply>((resolve, reject) => {
        if (lost) return reject(lost)
        waiting.set(id, { resolve, reject })
        keepAlive(child, true)
        child.stdin.write(`${id} ${command} ${Buffer.byteLength(argument)}\n${argument}`)
      })
      return { id, reply }
    },
    close: () =>
      new Promise(resolve => {
        if (lost) return resolve()
        keepAlive(child, true)
        child.on('close', () => resolve())
        child.stdin.end()
      }),
  }
}

/** Only an unanswered request keeps this process from ending. */
function keepAlive(child: ChildProcessWithoutNullStreams, alive: boolean): void {
  for (const handle of [child, child.stdin, child.stdout] as unknown as NodeJS.Timeout[]) {
    if (alive) handle.ref()
    else handle.unref()
  }
}

function readReply(bytes: Buffer): (Reply & { readonly id: number; readonly size: number }) | undefined {
  const end = bytes.indexOf('\n')
  if (end < 0) return undefined
  const [id = 0, errno = 0, length = 0] = bytes.toString('latin1', 0, end).split(' ').map(Number)
  const size = end + 1 + length
  if (bytes.length < size) return undefined
  const error = errno === 0 ? undefined : getSystemErrorName(-errno)
  return { id, size, error, text: bytes.toString('utf8', end + 1, size) }
}
