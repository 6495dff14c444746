// The parts of unbzip2-stream that decode one block at a time; the package has no types of its own.

declare module 'unbzip2-stream/lib/bit_iterator.js' {
  /** Reads bits, most significant first; `null` skips to the next byte. */
  export interface BitReader {
    (count: number | null): number
    bytesRead: number
  }
  export default function bitIterator(nextBuffer: () => Uint8Array): BitReader
}

declare module 'unbzip2-stream/lib/bzip2.js' {
  import type { BitReader } from 'unbzip2-stream/lib/bit_iterator.js'

  const bzip2: {
    /** Reads the head of a stream: the size of its blocks in units of 100 kB. */
    header(bits: BitReader): number
    /** Decodes a block and answers the checksum so far, or `null` at the end of the stream. */
    decompress(
      bits: BitReader,
      put: (byte: number) => void,
      work: Int32Array,
      size: number,
      checksum: number,
    ): number | null
  }
  export default bzip2
}
