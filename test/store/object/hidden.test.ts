import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deflateRawSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { findHidden } from '../../../store/index.js'
import { anyPath } from '../../support/objects.js'
import { temporaryDirectory } from '../../support/store.js'

const libc = anyPath('libc')
const text = Buffer.from(`#!/store/${libc}/bin/sh\n`.repeat(20))

/** A zip file with one deflated member, as small as zip files get. */
function zip(content: Uint8Array): Buffer {
  const packed = deflateRawSync(content)
  const local = Buffer.alloc(31)
  local.write('PK\x03\x04', 'latin1')
  local.writeUInt16LE(1, 26)
  const central = Buffer.alloc(47)
  central.write('PK\x01\x02', 'latin1')
  central.writeUInt16LE(8, 10)
  central.writeUInt32LE(packed.length, 20)
  central.writeUInt16LE(1, 28)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt32LE(local.length + packed.length, 16)
  return Buffer.concat([local, packed, central, end])
}

test.each([
  ['gz', gzipSync(text)],
  ['xz', execFileSync('xz', ['--stdout'], { input: text })],
  ['zip', zip(text)],
])('findHidden() looks into a %s file', async (_format, bytes) => {
  await using temporary = await temporaryDirectory()
  await writeFile(join(temporary.path, 'packed'), bytes)
  expect(bytes.includes(libc.slice(0, 32))).toBe(false)
  expect(await findHidden(temporary.path, [libc, anyPath('other')])).toEqual([
    { file: 'packed', references: [libc] },
  ])
})

test.each([
  ['gz', Buffer.from('\x1f\x8bgarbage', 'latin1')],
  ['xz', Buffer.from('\xfd7zXZ\0garbage', 'latin1')],
  ['zip', Buffer.from('PK\x03\x04garbagePK\x05\x06', 'latin1')],
  ['empty', Buffer.alloc(0)],
  ['cut', gzipSync(Buffer.from('x'.repeat(1000))).subarray(0, 20)],
])('findHidden() passes over a damaged file: %s', async (_format, bytes) => {
  await using temporary = await temporaryDirectory()
  await writeFile(join(temporary.path, 'packed'), bytes)
  expect(await findHidden(temporary.path, [libc])).toEqual([])
})
