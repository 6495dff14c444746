import { truncate, writeFile } from 'node:fs/promises'
import type http from 'node:http'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeDownloadCache } from '../../../builder/fetch/cache.js'
import { connectionOf, fetchFile } from '../../../builder/fetch/fetch.js'
import { completeFile } from '../../../builder/fetch/resume.js'
import { claim } from '../../../store/index.js'
import { makeKeeper } from '../../../store/keeper.js'
import { keeperProgram } from '../../support/store.js'
import { aContext, content, digest, filesIn, impatient, scratch, serve } from './support.js'

const head = { 'content-length': String(content.length) }
const CUT = 700
const REST = `bytes=${CUT}-`

/** Fetches from a server that answers by `answers`, one after the other, the last of them for ever. */
async function fetchFrom(...answers: readonly http.RequestListener[]) {
  const asked: (string | undefined)[] = []
  await using directory = await scratch()
  await using server = await serve((request, response) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)]!
    asked.push(request.headers.range)
    answer(request, response)
  })
  const context = aContext(answers.includes(stall) ? impatient : {})
  const urls = [`${server.url}/thing.tar`]
  const result = await fetchFile({ name: 'thing.tar', urls, digest }, join(directory.path, 'target'), context)
    .then(({ bytes }) => bytes)
    .catch((error: unknown) => error)
  const told = context.events.flatMap(event => (event.kind === 'retry' ? [event.reason] : []))
  return { result, asked, told }
}

const breakOff: http.RequestListener = (_request, response) => {
  response.writeHead(200, head).write(content.subarray(0, CUT))
  // Late enough for what was sent to have been read.
  setTimeout(() => response.destroy(), 100)
}
const stall: http.RequestListener = (_request, response) =>
  void response.writeHead(200, head).write(content.subarray(0, CUT))
const whole: http.RequestListener = (_request, response) => void response.writeHead(200, head).end(content)
const rest: http.RequestListener = (_request, response) =>
  void response
    .writeHead(206, {
      'content-range': `bytes ${CUT}-${content.length - 1}/${content.length}`,
      'content-length': content.length - CUT,
    })
    .end(content.subarray(CUT))
const drop: http.RequestListener = request => void request.socket.destroy()

test.each([
  ['breaks off', breakOff],
  ['stalls', stall],
])('goes on where a connection %s', async (_what, first) => {
  const { result, asked } = await fetchFrom(first, rest)
  expect(result).toBe(content.length)
  expect(asked).toEqual([undefined, REST])
})

test('waits for a network that was cut in the middle', async () => {
  const { result, asked, told } = await fetchFrom(breakOff, drop, rest)
  expect(result).toBe(content.length)
  expect(asked).toHaveLength(3)
  expect(told).toEqual([
    `the connection closed after ${CUT} of ${content.length} bytes`,
    'the connection was reset',
  ])
})

test('begins again when the server gives no parts', async () => {
  const { result, asked } = await fetchFrom(breakOff, whole)
  expect(result).toBe(content.length)
  expect(asked).toEqual([undefined, REST])
})

test('takes what came of a connection that broke off at the very end', async () => {
  const breakAtEnd: http.RequestListener = (_request, response) => {
    response.write(content)
    setTimeout(() => response.destroy(), 100)
  }
  const { result, asked } = await fetchFrom(
    breakAtEnd,
    (_request, response) =>
      void response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end(),
  )
  expect(result).toBe(content.length)
  expect(asked).toEqual([undefined, `bytes=${content.length}-`])
})

test('gives up a server that gives no parts and breaks off at the same place each time', async () => {
  const { result, asked } = await fetchFrom(breakOff)
  expect(result).toMatchObject({ code: 'FETCH_FAILED' })
  expect(asked).toHaveLength(5)
})

test('begins again when the server gives another part', async () => {
  const elsewhere: http.RequestListener = (_request, response) =>
    void response.writeHead(206, { 'content-range': `bytes 5-9/${content.length}` }).end('other')
  const { result, asked } = await fetchFrom(breakOff, elsewhere, whole)
  expect(result).toBe(content.length)
  expect(asked.at(-1)).toBeUndefined()
})

test('begins again when the file has another length meanwhile', async () => {
  const longer: http.RequestListener = (_request, response) =>
    void response
      .writeHead(206, { 'content-range': `bytes ${CUT}-${content.length}/${content.length + 1}` })
      .end(Buffer.alloc(content.length + 1 - CUT))
  const { result, asked } = await fetchFrom(breakOff, longer, whole)
  expect(result).toBe(content.length)
  expect(asked.at(-1)).toBeUndefined()
})

/** Whatever is asked for, it is of another file. */
const other: http.RequestListener = ({ headers }, response) =>
  void (headers.range === undefined
    ? response.end(Buffer.alloc(content.length))
    : response
        .writeHead(206, { 'content-range': `bytes ${CUT}-${content.length - 1}/${content.length}` })
        .end(Buffer.alloc(content.length - CUT)))

test('fetches whole what came of two files', async () => {
  const { result, asked } = await fetchFrom(breakOff, other, whole)
  expect(result).toBe(content.length)
  expect(asked).toEqual([undefined, REST, undefined])
})

test('accepts no rest of another file, and asks for all of it once', async () => {
  const { result, asked } = await fetchFrom(breakOff, other)
  expect(result).toMatchObject({ code: 'HASH_MISMATCH' })
  expect(asked).toEqual([undefined, REST, undefined])
})

test('gives up when a connection breaks off again and again', async () => {
  const { result } = await fetchFrom(breakOff, drop)
  expect(result).toMatchObject({ code: 'FETCH_FAILED' })
})

test('an interruption ends the hashing of what is there', { timeout: 10_000 }, async () => {
  await using directory = await scratch()
  const path = join(directory.path, 'part')
  const size = 64 * 2 ** 30
  await writeFile(path, '')
  await truncate(path, size)
  const controller = new AbortController()
  await using server = await serve((_request, response) => {
    response.writeHead(206, { 'content-range': `bytes ${size}-${size}/${size + 1}` }).flushHeaders()
    setTimeout(() => controller.abort(), 100)
  })
  const connection = connectionOf(aContext({ signal: controller.signal }))
  const origin = { url: server.url, declared: digest, connection, onProgress: () => undefined }
  await expect(completeFile(path, origin)).rejects.toMatchObject({ name: 'AbortError' })
})

test('commands that want the same file fetch it once', async () => {
  await using directory = await scratch()
  const folder = join(directory.path, 'cache')
  await using server = await serve((_request, response) => void setTimeout(() => response.end(content), 100))
  const fetchOnce = async (name: string): Promise<number> => {
    await using keeper = makeKeeper(keeperProgram)
    const cache = makeDownloadCache({ folder })
    const context = aContext({
      cache,
      claim: async wanted => claim(keeper, (await cache.claimFile(wanted))!),
    })
    const target = join(directory.path, name)
    return (await fetchFile({ name: 'thing.tar', urls: [server.url], digest }, target, context)).bytes
  }
  expect(await Promise.all(['a', 'b', 'c', 'd'].map(fetchOnce))).toEqual(Array(4).fill(content.length))
  expect(server.asked).toHaveLength(1)
  expect(await filesIn(folder)).toEqual([`sha256-${digest.hex}`])
})
