import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
} from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { encodeStrings, FileChanged, kindOf, MAGIC, padding, UnsupportedFile } from './format.js'

const CHUNK = 256 * 1024
/** No run of strings between two file contents is longer: the longest name and symlink target are in it. */
const MARGIN = 16 * 1024

const words = {
  magic: encodeStrings(MAGIC),
  regular: encodeStrings('(', 'type', 'regular', 'contents'),
  executable: encodeStrings('(', 'type', 'regular', 'executable', '', 'contents'),
  symlink: encodeStrings('(', 'type', 'symlink', 'target'),
  directory: encodeStrings('(', 'type', 'directory'),
  entry: encodeStrings('entry', '(', 'name'),
  node: encodeStrings('node'),
  close: encodeStrings(')'),
}

/** The file tree at `path` as a NAR, byte for byte what `nix-store --dump` writes. Memory does not grow with it. */
export async function* writeNar(path: string, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, void> {
  for (const chunk of dump(new ChunksToKeep(), path)) {
    signal?.throwIfAborted()
    yield chunk
    await setImmediate()
  }
}

/** The same without a turn for anything else, each chunk in the memory of the last. */
export const dumpInPlace = (path: string): Generator<Uint8Array, void, void> => dump(new Chunks(), path)

/** Synchronous calls are several times quicker than asynchronous ones on many small files. */
function* dump(out: Chunks, path: string): Generator<Uint8Array, void, void> {
  out.put(words.magic)
  yield* dumpNode(out, Buffer.from(path), undefined)
  yield out.take()
}

/** The archive so far that has not been handed out; what is handed out holds until the next is. */
class Chunks {
  buffer = Buffer.allocUnsafeSlow(CHUNK)
  length = 0

  put(bytes: Uint8Array): void {
    this.buffer.set(bytes, this.length)
    this.length += bytes.length
  }

  count(value: number): void {
    this.length = this.buffer.writeUInt32LE(value % 2 ** 32, this.length)
    this.length = this.buffer.writeUInt32LE(Math.floor(value / 2 ** 32), this.length)
  }

  pad(length: number): void {
    const end = this.length + padding(length)
    this.buffer.fill(0, this.length, end)
    this.length = end
  }

  string(bytes: Uint8Array): void {
    this.count(bytes.length)
    this.put(bytes)
    this.pad(bytes.length)
  }

  isNearlyFull(): boolean {
    return this.length > CHUNK - MARGIN
  }

  take(): Uint8Array {
    const chunk = this.buffer.subarray(0, this.length)
    this.length = 0
    return chunk
  }
}

/** The same for chunks that are kept. */
class ChunksToKeep extends Chunks {
  override take(): Uint8Array {
    const chunk = super.take()
    this.buffer = Buffer.allocUnsafeSlow(CHUNK)
    return chunk
  }
}

function* dumpNode(
  out: Chunks,
  path: Buffer,
  entry: Dirent<Buffer> | undefined,
): Generator<Uint8Array, void, void> {
  if (out.isNearlyFull()) yield out.take()
  const file: Dirent<Buffer> | Stats = entry ?? lstatSync(path)
  if (file.isFile()) yield* dumpFile(out, path)
  else if (file.isDirectory()) yield* dumpDirectory(out, path)
  else if (file.isSymbolicLink()) {
    out.put(words.symlink)
    out.string(readlinkSync(path, 'buffer'))
  } else throw new UnsupportedFile(path.toString(), kindOf(file))
  out.put(words.close)
}

function* dumpDirectory(out: Chunks, path: Buffer): Generator<Uint8Array, void, void> {
  out.put(words.directory)
  const entries = readdirSync(path, { withFileTypes: true, encoding: 'buffer' })
  for (const entry of entries.sort((a, b) => Buffer.compare(a.name, b.name))) {
    out.put(words.entry)
    out.string(entry.name)
    out.put(words.node)
    yield* dumpNode(out, Buffer.concat([path, SLASH, entry.name]), entry)
    out.put(words.close)
    if (out.isNearlyFull()) yield out.take()
  }
}

const SLASH = Buffer.from('/')

function* dumpFile(out: Chunks, path: Buffer): Generator<Uint8Array, void, void> {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const { size, mode } = fstatSync(file)
    out.put(mode & constants.S_IXUSR ? words.executable : words.regular)
    out.count(size)
    for (let rest = size; rest > 0; ) {
      if (out.length === CHUNK) yield out.take()
      const read = readSync(file, out.buffer, out.length, Math.min(rest, CHUNK - out.length), null)
      if (read === 0) throw new FileChanged(path.toString())
      out.length += read
      rest -= read
    }
    if (out.isNearlyFull()) yield out.take()
    out.pad(size)
  } finally {
    closeSync(file)
  }
}
