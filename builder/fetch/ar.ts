import { open } from 'node:fs/promises'

export const arMagic = Buffer.from('!<arch>\n')

/** A member of an `ar` archive, which is what a Debian package is. */
export interface ArMember {
  readonly name: string
  /** Unix seconds. */
  readonly time: number | undefined
  readonly start: number
  readonly end: number
}

const headerSize = 60

/** Reads the list of members; throws when one reaches beyond the end of the file. */
export async function* readAr(path: string): AsyncGenerator<ArMember> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const header = Buffer.alloc(headerSize)
    for (let at = arMagic.length; at < size; ) {
      const { bytesRead } = await file.read(header, 0, headerSize, at)
      const length = number(header, 48, 58)
      if (bytesRead < headerSize || header.toString('latin1', 58, 60) !== '`\n' || length === undefined)
        throw new Error('a member of it is damaged')
      const start = at + headerSize
      const end = start + length
      if (end > size) throw new Error('it ends too early')
      const name = header.toString('latin1', 0, 16).replace(/\/? *$/, '')
      yield { name, time: number(header, 16, 28), start, end }
      at = end + (length % 2)
    }
  } finally {
    await file.close()
  }
}

function number(header: Buffer, from: number, to: number): number | undefined {
  const text = header.toString('latin1', from, to).trim()
  return /^\d+$/.test(text) ? Number(text) : undefined
}
