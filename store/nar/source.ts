import { BadNar, padding } from './format.js'

/** Pulls the strings of an archive out of chunks cut anywhere. */
export interface Source {
  /** The next string, which is at most `limit` bytes long. */
  string(limit: number): Promise<Buffer>
  /** The next string must be this one. */
  expect(text: string): Promise<void>
  /** The next string as pieces of at most `limit` bytes; `write` gets each before the next is read. */
  contents(limit: number, write: (piece: Buffer) => void): Promise<number>
  /** Nothing may follow. */
  end(): Promise<void>
  close(): Promise<void>
}

export function makeSource(nar: AsyncIterable<Uint8Array>): Source {
  const chunks = nar[Symbol.asyncIterator]()
  let bytes: Buffer = Buffer.alloc(0)
  let at = 0

  const more = async (): Promise<boolean> => {
    const next = await chunks.next()
    if (next.done) return false
    const rest = bytes.subarray(at)
    const { buffer, byteOffset, length } = next.value
    const chunk = Buffer.from(buffer, byteOffset, length)
    bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    at = 0
    return true
  }
  const take = async (length: number): Promise<Buffer> => {
    while (bytes.length - at < length) if (!(await more())) throw new BadNar('it ends too early')
    at += length
    return bytes.subarray(at - length, at)
  }
  const length = async (limit: number): Promise<number> => {
    const value = (await take(8)).readBigUInt64LE()
    if (value > BigInt(limit)) throw new BadNar(`a string of ${value} bytes where at most ${limit} may be`)
    return Number(value)
  }
  const pad = async (length: number): Promise<void> => {
    if ((await take(padding(length))).some(byte => byte !== 0)) throw new BadNar('the padding is not zero')
  }
  const string = async (limit: number): Promise<Buffer> => {
    const size = await length(limit)
    const all = await take(size + padding(size))
    if (all.subarray(size).some(byte => byte !== 0)) throw new BadNar('the padding is not zero')
    return all.subarray(0, size)
  }
  return {
    string,
    expect: async text => {
      const found = (await string(MAX_WORD)).toString('latin1')
      if (found !== text) throw new BadNar(`"${found}" where "${text}" must be`)
    },
    contents: async (limit, write) => {
      const size = await length(Number.MAX_SAFE_INTEGER)
      for (let rest = size; rest > 0; ) {
        if (at === bytes.length && !(await more())) throw new BadNar('it ends too early')
        const piece = await take(Math.min(rest, limit, bytes.length - at))
        rest -= piece.length
        write(piece)
      }
      await pad(size)
      return size
    },
    end: async () => {
      do if (at < bytes.length) throw new BadNar('something follows its end')
      while (await more())
    },
    close: async () => void (await chunks.return?.()),
  }
}

/** The longest fixed word is the magic; anything longer is reported without being read. */
const MAX_WORD = 16
