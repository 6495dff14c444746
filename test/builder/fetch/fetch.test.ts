import { readFile, writeFile } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { makeDownloadCache } from '../../../builder/fetch/cache.js'
import { FetchFailed, fetchFile } from '../../../builder/fetch/fetch.js'
import { makeMirrors } from '../../../builder/fetch/mirrors.js'
import { digestOf, formatDigest } from '../../../store/index.js'
import { aContext, content, digest, filesIn, freePort, impatient, scratch, serve } from './support.js'

type Handler = http.RequestListener

const good: Handler = (_request, response) => void response.end(content)
const head = { 'content-length': String(content.length) }

/** Fetches `urls` into a fresh directory and tells what came and what is left. */
async function run(urls: readonly string[], changes: Parameters<typeof aContext>[0] = {}) {
  await using directory = await scratch()
  const context = aContext(changes)
  const target = join(directory.path, 'target')
  try {
    const fetched = await fetchFile({ name: 'thing.tar', urls, digest }, target, context)
    return { fetched, events: context.events, bytes: await readFile(target) }
  } catch (error) {
    return { error, events: context.events, left: await filesIn(directory.path) }
  }
}

/** The cause given for the one URL that was tried. */
async function causeFrom(
  handler: Handler,
  changes?: Parameters<typeof aContext>[0],
): Promise<string | undefined> {
  await using server = await serve(handler)
  const { error, left } = await run([`${server.url}/thing.tar`], changes)
  expect(left).toEqual([])
  expect(error).toBeInstanceOf(FetchFailed)
  return (error as FetchFailed).failures[0]?.reason
}

test('writes the bytes a server sends and says where they came from', async () => {
  await using server = await serve(good)
  const { fetched, bytes, events } = await run([`${server.url}/thing.tar`])
  expect(fetched).toEqual({ bytes: content.length, from: `${server.url}/thing.tar` })
  expect(bytes).toEqual(content)
  expect(events[0]).toMatchObject({ kind: 'start' })
  expect(events.at(-1)).toEqual({ kind: 'done', name: 'thing.tar', ...fetched })
})

test.each(['sha256', 'sha512', 'blake3'] as const)('verifies a declared %s', async algorithm => {
  await using server = await serve(good)
  await using directory = await scratch()
  const request = { name: 'x', urls: [server.url], digest: digestOf(algorithm, content) }
  await expect(fetchFile(request, join(directory.path, 'x'), aContext())).resolves.toMatchObject({
    bytes: content.length,
  })
  const wrong = { ...request, digest: digestOf(algorithm, 'something else') }
  await expect(fetchFile(wrong, join(directory.path, 'y'), aContext())).rejects.toMatchObject({
    code: 'HASH_MISMATCH',
  })
})

describe('gives the cause when', () => {
  test('the file is not there', async () => {
    expect(await causeFrom((_q, r) => void r.writeHead(404).end())).toBe('the server answered 404 Not Found')
  })

  test('the server stalls before it answers', async () => {
    expect(await causeFrom(() => {}, impatient)).toBe('timed out: no byte for 0.3 s')
  })

  test('the server stalls in the middle', async () => {
    const cut: Handler = (_q, r) => void r.writeHead(200, head).write(content.subarray(0, 100))
    expect(await causeFrom(cut, impatient)).toBe('timed out: no byte for 0.3 s')
  })

  test('the body is shorter than announced', async () => {
    const cause = await causeFrom((_q, r) => {
      r.writeHead(200, head).write(content.subarray(0, 100), () => r.destroy())
    })
    expect(cause).toMatch(new RegExp(`^the connection closed after \\d+ of ${content.length} bytes$`))
  })

  test('a chunked body is cut short', async () => {
    const cause = await causeFrom((_q, r) => {
      r.writeHead(200).write(content.subarray(0, 100), () => r.destroy())
    })
    expect(cause).toMatch(/^the connection closed after \d+ bytes$/)
  })

  test('the body is longer than announced', async () => {
    const cause = await causeFrom((_q, r) => {
      r.socket?.end(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n'), content]))
    })
    expect(cause).toBe('it sent more than the 100 bytes announced')
  })

  test('the connection is reset', async () => {
    expect(await causeFrom(q => void q.socket.resetAndDestroy())).toBe('the connection was reset')
  })

  test('it is redirected in a circle', async () => {
    expect(await causeFrom((_q, r) => void r.writeHead(302, { location: '/again' }).end())).toBe(
      'it redirects more than 10 times',
    )
  })

  test('it is redirected to a file of this machine', async () => {
    expect(await causeFrom((_q, r) => void r.writeHead(302, { location: 'file:///etc/passwd' }).end())).toBe(
      'it redirects to "file:///etc/passwd", which is neither http nor https',
    )
  })

  test('the answer is no http', async () => {
    expect(await causeFrom(q => void q.socket.end('good day\r\n\r\n'))).toMatch(/Parse Error/)
  })

  test('nobody listens', async () => {
    const server = await serve(good)
    await server[Symbol.asyncDispose]()
    expect((await run([server.url])).error).toMatchObject({
      failures: [{ reason: 'the connection was refused' }],
    })
  })

  test('the host does not exist', async () => {
    expect((await run(['http://nowhere.invalid/x'])).error).toMatchObject({
      failures: [{ reason: expect.stringMatching(/DNS/) }],
    })
  })

  test.each([
    ['ftp://example.org/x', '"ftp:" is not supported; http, https, file and mirror are'],
    ['not a url', 'it is not a URL'],
    ['file:///nowhere/at/all', 'there is no such file'],
    ['file:///etc', 'it is not a regular file'],
  ])('the URL is %s', async (url, reason) => {
    expect((await run([url])).error).toMatchObject({ failures: [{ url, reason }] })
  })
})

test('lists each URL with its cause when all of them fail', async () => {
  await using server = await serve((_q, r) => void r.writeHead(500).end())
  const { error } = await run([`${server.url}/a`, 'file:///nowhere/b'])
  expect(String(error)).toContain(`${server.url}/a: the server answered 500 Internal Server Error`)
  expect(String(error)).toContain('file:///nowhere/b: there is no such file')
})

test('tries the next URL after a failure or other content, and keeps nothing of those', async () => {
  await using server = await serve((request, response) => {
    if (request.url === '/gone') response.writeHead(404).end()
    else if (request.url === '/other') response.end('<html>welcome</html>')
    else response.end(content)
  })
  const { fetched, bytes, events } = await run(
    ['gone', 'other', 'right'].map(path => `${server.url}/${path}`),
  )
  expect(fetched?.from).toBe(`${server.url}/right`)
  expect(bytes).toEqual(content)
  expect(events.filter(event => event.kind === 'failed').map(event => event.url)).toEqual([
    `${server.url}/gone`,
    `${server.url}/other`,
  ])
})

test('tries a URL again, after the others, when its failure may pass', async () => {
  let attempts = 0
  await using server = await serve((request, response) => {
    if (request.url === '/gone') response.writeHead(404).end()
    else if (attempts++ === 0) response.writeHead(503).end()
    else response.end(content)
  })
  expect((await run([`${server.url}/busy`, `${server.url}/gone`])).bytes).toEqual(content)
  expect(server.asked).toEqual(['/busy', '/gone', '/busy'])
})

test('tries a URL again after each pause, and no more', async () => {
  await using server = await serve((_q, r) => void r.writeHead(503).end())
  const { error, events } = await run([`${server.url}/busy`])
  expect(error).toMatchObject({ failures: [{}] })
  expect(server.asked).toHaveLength(3)
  const retry = {
    kind: 'retry',
    name: 'thing.tar',
    url: `${server.url}/busy`,
    reason: 'the server answered 503 Service Unavailable',
    seconds: 0.001,
  }
  expect(events.filter(({ kind }) => kind === 'retry')).toEqual([retry, retry])
})

test('waits for a network that is cut', async () => {
  const port = await freePort()
  const restored = delay(100).then(() => serve(good, port))
  const { bytes } = await run([`http://127.0.0.1:${port}/thing.tar`], { pauses: [300, 300] })
  await using _server = await restored
  expect(bytes).toEqual(content)
})

test.each(['http://127.0.0.1:1/x', 'http://nowhere.invalid/x', 'http://[100::1]/x'])(
  'asks %s, where nobody answers, twice more and then no more',
  async url => {
    const { error, events } = await run([url], { pauses: [1, 1, 1, 1], timeouts: { connect: 300 } })
    expect(error).toMatchObject({ code: 'FETCH_FAILED', failures: [{ isFinal: false }] })
    expect(events.filter(({ kind }) => kind === 'start')).toHaveLength(3)
  },
)

test('shows both hashes when no URL serves the declared content', async () => {
  await using server = await serve((request, response) => {
    if (request.url === '/gone') response.writeHead(404).end()
    else response.end('other')
  })
  const { error, left } = await run([`${server.url}/gone`, `${server.url}/other`])
  const actual = formatDigest(digestOf('sha256', 'other'))
  expect(left).toEqual([])
  expect(error).toMatchObject({
    code: 'HASH_MISMATCH',
    message: `Cannot accept "thing.tar": expected ${formatDigest(digest)}, got ${actual}`,
    hint: `If the new content is intended, put hash: '${actual}' in the recipe`,
  })
})

test('takes the bytes as they lie on the server when it calls them encoded', async () => {
  const packed = gzipSync(content)
  await using server = await serve((request, response) => {
    expect(request.headers['accept-encoding']).toBe('identity')
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/x-tar' }).end(packed)
  })
  await using directory = await scratch()
  const target = join(directory.path, 'x.tar.gz')
  await fetchFile(
    { name: 'x.tar.gz', urls: [server.url], digest: digestOf('sha256', packed) },
    target,
    aContext(),
  )
  expect(await readFile(target)).toEqual(packed)
})

test('follows redirects, relative ones too', async () => {
  await using server = await serve((request, response) => {
    if (request.url === '/a/old') response.writeHead(301, { location: '../b/new' }).end('moved')
    else response.end(content)
  })
  expect((await run([`${server.url}/a/old`])).bytes).toEqual(content)
  expect(server.asked).toEqual(['/a/old', '/b/new'])
})

test('reads file URLs', async () => {
  await using directory = await scratch()
  const file = join(directory.path, 'a file')
  await writeFile(file, content)
  expect((await run([pathToFileURL(file).href])).bytes).toEqual(content)
})

test('resolves mirror URLs and asks by hash last', async () => {
  await using server = await serve((request, response) => {
    if (request.url?.startsWith('/by-hash/')) response.end(content)
    else response.writeHead(404).end()
  })
  const { resolve, lastResort } = makeMirrors({
    user: { mirrors: { own: [`${server.url}/one`, `${server.url}/two/`] }, byHash: {} },
    shipped: { mirrors: {}, archives: {}, byHash: { sha256: [`${server.url}/by-hash/{hex}`] } },
  })
  const { bytes } = await run(['mirror://own/dir/thing.tar'], { resolve, lastResort })
  expect(bytes).toEqual(content)
  expect(server.asked).toEqual(['/one/dir/thing.tar', '/two/dir/thing.tar', `/by-hash/${digest.hex}`])
})

test('leaves nothing behind when it is aborted half-way', async () => {
  const controller = new AbortController()
  await using server = await serve((_q, response) => {
    response.writeHead(200, head).write(content.subarray(0, 1000))
    setTimeout(() => controller.abort(new Error('stop')), 50)
  })
  const { error, left, events } = await run([server.url, `${server.url}/next`], { signal: controller.signal })
  expect(error).toMatchObject({ message: 'stop' })
  expect(left).toEqual([])
  expect(server.asked).toEqual(['/'])
  expect(events.some(event => event.kind === 'failed')).toBe(false)
})

test('does not start when it is aborted before', async () => {
  await using server = await serve(good)
  const { error } = await run([server.url], { signal: AbortSignal.abort(new Error('stop')) })
  expect(error).toMatchObject({ message: 'stop' })
  expect(server.asked).toEqual([])
})

test('never overwrites a file', async () => {
  await using server = await serve(good)
  await using directory = await scratch()
  const target = join(directory.path, 'target')
  await writeFile(target, 'precious')
  await expect(fetchFile({ name: 'x', urls: [server.url], digest }, target, aContext())).rejects.toThrow(
    /EEXIST/,
  )
  expect(await readFile(target, 'utf8')).toBe('precious')
})

test('shows no passwords', async () => {
  await using server = await serve((request, response) => {
    if (request.headers.authorization === `Basic ${btoa('user:secret')}`) response.writeHead(404).end()
    else response.writeHead(401).end()
  })
  const { error, events } = await run([server.url.replace('//', '//user:secret@')])
  expect(String(error)).toContain('404')
  expect(JSON.stringify([String(error), events])).not.toContain('secret')
})

test('fetches a second time without the network', async () => {
  await using directory = await scratch()
  const cache = makeDownloadCache({ folder: join(directory.path, 'cache') })
  await using server = await serve(good)
  await run([server.url], { cache })
  const { bytes, fetched } = await run(['http://nowhere.invalid/'], { cache })
  expect(bytes).toEqual(content)
  expect(fetched?.from).toBe(join(directory.path, 'cache', `sha256-${digest.hex}`))
  expect(server.asked).toHaveLength(1)
})

test('fetches one digest at once from several sides', async () => {
  await using directory = await scratch()
  const folder = join(directory.path, 'cache')
  await using server = await serve(good)
  const runs = Array.from({ length: 8 }, () => run([server.url], { cache: makeDownloadCache({ folder }) }))
  for (const { bytes } of await Promise.all(runs)) expect(bytes).toEqual(content)
  expect(await filesIn(folder)).toEqual([`sha256-${digest.hex}`])
})

test('asks a proxy for the whole URL', async () => {
  await using server = await serve(good)
  const { bytes } = await run(['http://example.invalid/some/file?x=1'], {
    findProxy: () => new URL(server.url),
  })
  expect(bytes).toEqual(content)
  expect(server.asked).toEqual(['http://example.invalid/some/file?x=1'])
})

/** Fetches an https URL through a proxy that treats the connection as told. */
async function throughTunnel(handle: (socket: Duplex) => void) {
  const asked: string[] = []
  const proxy = http.createServer().on('connect', (request, socket) => {
    asked.push(request.url ?? '')
    handle(socket)
  })
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  const { port } = proxy.address() as AddressInfo
  const findProxy = () => new URL(`http://127.0.0.1:${port}`)
  const { error } = await run(['https://example.invalid/x'], { findProxy })
  proxy.close()
  return { asked, reason: (error as FetchFailed).failures[0]?.reason }
}

test('asks a proxy for a tunnel when the URL is https', async () => {
  const { asked, reason } = await throughTunnel(socket => void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'))
  expect(reason).toBe('the proxy answered 403 Forbidden')
  expect(asked).toEqual(['example.invalid:443'])
})

test.each([502, 503, 504])('tries a URL again when the proxy answers %i', async status => {
  const { asked } = await throughTunnel(socket => void socket.end(`HTTP/1.1 ${status} Busy\r\n\r\n`))
  expect(asked).toHaveLength(3)
})

test('speaks TLS through the tunnel', async () => {
  const first: number[] = []
  const { reason } = await throughTunnel(socket => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    socket.once('data', (chunk: Buffer) => {
      first.push(chunk[0]!)
      socket.destroy()
    })
  })
  expect(first[0]).toBe(22)
  expect(reason).toBe('the connection was reset')
})
