import { DamagedRecord, decodeInfo, encodeInfo, type PathInfo } from '../db/info.js'
import { StoreError } from '../error.js'
import { findStorePath, formatStorePath, type StorePath } from '../path.js'

/**
 * An export is lines, and after each line `object` the archive whose size it tells:
 *
 *     store-export-1
 *     object <path> <record>
 *     <the NAR>
 *     end <count of objects> <BLAKE3 of all before this line, in hex>
 *
 * What is referred to comes first. The time of registration is left out, as 0: equal closures have equal exports.
 */
export const FORMAT = 'store-export-1'

/** Longer lines are no lines of an export. */
export const MAX_LINE = 64 << 20

export class BadExport extends StoreError {
  readonly code = 'BAD_EXPORT'

  constructor(reason: string) {
    super(`Cannot import: ${reason}`, {
      hint: 'Nothing was imported. Export it again: the stream was cut short, damaged, or made by a newer version',
    })
  }
}

export const encodeObject = (info: PathInfo): string =>
  `object ${info.path} ${encodeInfo({ ...info, registered: 0 })}\n`

export const encodeEnd = (count: number, hex: string): string => `end ${count} ${hex}\n`

export type Line =
  | { readonly kind: 'object'; readonly info: PathInfo }
  | { readonly kind: 'end'; readonly count: number; readonly hex: string }

/** Reads any line but the first. */
export function decodeLine(line: string): Line {
  const end = /^end (0|[1-9][0-9]*) ([0-9a-f]{64})$/.exec(line)
  if (end) return { kind: 'end', count: Number(end[1]), hex: end[2]! }
  const object = /^object (\S+) (.*)$/.exec(line)
  const [path] = object ? findStorePath(object[1]!) : []
  if (path === undefined) throw new BadExport('a line is not one of an export')
  const info = decodeRecord(path, object![2]!)
  if (encodeObject(info) !== `${line}\n`)
    throw new BadExport(`the record of ${path} is not written as it must be`)
  return { kind: 'object', info }
}

function decodeRecord(path: StorePath, text: string): PathInfo {
  try {
    return decodeInfo(path, text)
  } catch (error) {
    if (error instanceof DamagedRecord) throw new BadExport(`the record of ${path} cannot be read`)
    throw error
  }
}

export class AlteredObject extends StoreError {
  readonly code = 'ALTERED_OBJECT'

  constructor(path: StorePath) {
    super(`"${formatStorePath(path)}" does not have the bytes that were registered`, {
      hint: 'Repair it first: store verify --contents --repair',
    })
  }
}
