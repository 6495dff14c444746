import { mkdtemp, readdir, rm } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { crc32, deflateRawSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { noCache } from '../../../builder/fetch/cache.js'
import type { FetchEvent } from '../../../builder/fetch/events.js'
import type { FetchContext } from '../../../builder/fetch/fetch.js'
import { type Digest, digestOf } from '../../../store/index.js'

/** An empty directory that goes with the test. */
export async function scratch(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'store-fetch-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

export interface Server extends AsyncDisposable {
  readonly url: string
  /** The paths asked for, in order. */
  readonly asked: readonly string[]
}

/** A port of this machine on which nobody listens. */
export async function freePort(): Promise<number> {
  await using server = await serve(() => {})
  return Number(new URL(server.url).port)
}

/** A web server on this machine alone. */
export async function serve(handler: http.RequestListener, at = 0): Promise<Server> {
  const asked: string[] = []
  const server = http.createServer((request, response) => {
    asked.push(request.url ?? '')
    handler(request, response)
  })
  await new Promise<void>(resolve => server.listen(at, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    [Symbol.asyncDispose]: () =>
      new Promise<void>(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** For servers that stall; on a busy machine a good one takes as long. */
export const impatient = { timeouts: { stall: 300 } }

/** A context that touches nothing but the target, and the events it saw. */
export function aContext(
  changes: Partial<FetchContext> = {},
): FetchContext & { readonly events: FetchEvent[] } {
  const events: FetchEvent[] = []
  return {
    resolve: url => [url],
    cache: noCache,
    report: event => events.push(event),
    pauses: [1, 1],
    ...changes,
    events,
  }
}

export const content = Buffer.from('the content that is wanted\n'.repeat(100))
export const digest: Digest = digestOf('sha256', content)

export const golden = (name: string): string =>
  fileURLToPath(new URL(`../../golden/archives/${name}`, import.meta.url))

export const filesIn = async (directory: string): Promise<readonly string[]> =>
  (await readdir(directory)).sort()

/** A member of a tar archive to make. */
export interface Member {
  readonly name: string
  readonly type?: 'file' | 'directory' | 'symlink' | 'link' | 'character-device' | 'fifo'
  readonly linkname?: string
  readonly seconds?: number
  readonly mode?: number
  readonly body?: string
  readonly pax?: Record<string, string>
}

/** The bytes of a tar archive. */
export async function tarOf(members: readonly Member[]): Promise<Buffer> {
  const packer = pack()
  for (const { seconds = 1_000_000_000, type = 'file', body = '', ...rest } of members)
    packer.entry({ ...rest, type, mtime: new Date(seconds * 1000), size: Buffer.byteLength(body) }, body)
  packer.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of packer as unknown as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** The bytes of an `ar` archive. */
export function arOf(members: readonly { name: string; body: Buffer; seconds?: number }[]): Buffer {
  const field = (value: string | number, width: number): string => String(value).padEnd(width)
  return Buffer.concat([
    Buffer.from('!<arch>\n'),
    ...members.flatMap(({ name, body, seconds = 0 }) => [
      Buffer.from(
        `${field(name, 16)}${field(seconds, 12)}${field(0, 6)}${field(0, 6)}${field(100644, 8)}${field(body.length, 10)}\`\n`,
      ),
      body,
      Buffer.from(body.length % 2 ? '\n' : ''),
    ]),
  ])
}

/** A member of a zip archive to make; `mode` has Unix's type, `claims` are lies of the directory. */
export interface Zipped {
  readonly name: string
  readonly body?: string | Buffer
  readonly mode?: number
  readonly flags?: number
  readonly method?: number
  readonly claims?: { readonly size?: number; readonly crc?: number; readonly start?: number }
}

/** The bytes of a zip archive of the year 2000. */
export function zipOf(members: readonly Zipped[]): Buffer {
  const locals: Buffer[] = []
  const entries: Buffer[] = []
  let at = 0
  for (const { name, body = '', mode = 0o100644, flags = 0, method = 8, claims = {} } of members) {
    const [content, path] = [Buffer.from(body), Buffer.from(name)]
    const packed = method === 8 ? deflateRawSync(content) : content
    const fixed = Buffer.alloc(26)
    fixed.writeUInt16LE(20, 0)
    fixed.writeUInt16LE(flags, 2)
    fixed.writeUInt16LE(method, 4)
    fixed.writeUInt16LE((20 << 9) | (1 << 5) | 1, 8)
    fixed.writeUInt32LE(claims.crc ?? crc32(content), 10)
    fixed.writeUInt32LE(packed.length, 14)
    fixed.writeUInt32LE(claims.size ?? content.length, 18)
    fixed.writeUInt16LE(path.length, 22)
    const tail = Buffer.alloc(14)
    tail.writeUInt16LE(mode, 8)
    tail.writeUInt32LE(claims.start ?? at, 10)
    entries.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03'), fixed, tail, path]))
    // A member that is said to lie elsewhere has no bytes of its own.
    const local =
      claims.start === undefined || at === 0 ? [Buffer.from('PK\x03\x04'), fixed, path, packed] : []
    locals.push(...local)
    at += Buffer.concat(local).length
  }
  const directory = Buffer.concat(entries)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06')
  end.writeUInt16LE(members.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...locals, directory, end])
}
