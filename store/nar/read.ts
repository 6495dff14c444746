import {
  closeSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs'
import { StoreError, systemCode } from '../error.js'
import { BadNar, MAGIC } from './format.js'
import { makeSource, type Source } from './source.js'

/** What Linux file systems can hold. */
const MAX_NAME = 255
const MAX_TARGET = 4095
const MAX_WORD = 16
const PIECE = 64 * 1024

const zeros = Buffer.alloc(PIECE)
const SLASH = Buffer.from('/')

export class TargetExists extends StoreError {
  readonly code = 'TARGET_EXISTS'

  constructor(target: string) {
    super(`Cannot unpack to "${target}": it exists`, { hint: 'Name a place where nothing is yet' })
  }
}

/**
 * Unpacks a NAR to `target`, which must not exist; file modes are the user's usual ones. Any spelling but the
 * one `writeNar` produces is refused, and after a failure nothing is left at `target`.
 */
export async function readNar(nar: AsyncIterable<Uint8Array>, target: string): Promise<void> {
  if (lstatSync(target, { throwIfNoEntry: false })) throw new TargetExists(target)
  const source = makeSource(nar)
  let isMade = false
  const made = (): void => {
    isMade = true
  }
  try {
    await source.expect(MAGIC)
    await readNode(source, Buffer.from(target), made)
    await source.end()
  } catch (error) {
    // What somebody else has put there meanwhile is theirs.
    if (isMade) rmSync(target, { recursive: true, force: true })
    if (!isMade && systemCode(error) === 'EEXIST') throw new TargetExists(target)
    throw error
  } finally {
    await source.close()
  }
}

/** `made` is called once there is something at `path`. */
async function readNode(source: Source, path: Buffer, made = (): void => undefined): Promise<void> {
  await source.expect('(')
  await source.expect('type')
  const type = (await source.string(MAX_WORD)).toString('latin1')
  const read = readers[type]
  if (!Object.hasOwn(readers, type) || !read) throw new BadNar(`unknown type "${type}"`)
  await read(source, path, made)
}

type Reader = (source: Source, path: Buffer, made: () => void) => Promise<void>

/** Each reads up to and with the closing parenthesis. */
const readers: Readonly<Record<string, Reader>> = {
  regular: async (source, path, made) => {
    const word = (await source.string(MAX_WORD)).toString('latin1')
    if (word === 'executable') {
      await source.expect('')
      await source.expect('contents')
    } else if (word !== 'contents') throw new BadNar(`"${word}" where "contents" must be`)
    await readContents(source, path, word === 'executable' ? 0o777 : 0o666, made)
    await source.expect(')')
  },
  symlink: async (source, path, made) => {
    await source.expect('target')
    const target = Buffer.from(await source.string(MAX_TARGET))
    if (target.length === 0 || target.includes(0)) throw new BadNar('a symlink whose target no link can have')
    await source.expect(')')
    symlinkSync(target, path)
    made()
  },
  directory: async (source, path, made) => {
    mkdirSync(path)
    made()
    for (let last = Buffer.alloc(0); await isEntry(source); ) {
      await source.expect('(')
      await source.expect('name')
      const name = Buffer.from(await source.string(MAX_NAME))
      checkName(name, last)
      await source.expect('node')
      await readNode(source, Buffer.concat([path, SLASH, name]))
      await source.expect(')')
      last = name
    }
  },
}

async function isEntry(source: Source): Promise<boolean> {
  const word = (await source.string(MAX_WORD)).toString('latin1')
  if (word !== 'entry' && word !== ')') throw new BadNar(`"${word}" in a directory`)
  return word === 'entry'
}

function checkName(name: Buffer, last: Buffer): void {
  const text = name.toString()
  if (name.length === 0 || text === '.' || text === '..' || name.includes('/') || name.includes(0))
    throw new BadNar(`"${text}" cannot be the name of a file`)
  if (Buffer.compare(last, name) >= 0) throw new BadNar(`"${text}" is not in its place`)
}

/** Zeros worth a hole: no file system keeps smaller ones. */
const isHole = (piece: Buffer): boolean =>
  piece.length >= 4096 && piece.equals(zeros.subarray(0, piece.length))

/** Pieces of zeros become holes. */
async function readContents(source: Source, path: Buffer, mode: number, made: () => void): Promise<void> {
  const file = openSync(path, 'wx', mode)
  made()
  try {
    let at = 0
    const size = await source.contents(PIECE, piece => {
      if (!isHole(piece)) writeAll(file, piece, at)
      at += piece.length
    })
    ftruncateSync(file, size)
  } finally {
    closeSync(file)
  }
}

function writeAll(file: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(file, bytes, done, bytes.length - done, position + done)
}
