import { mkdir, readFile, truncate, utimes, writeFile } from 'node:fs/promises'
import type http from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { makeDownloadCache } from '../../../builder/fetch/cache.js'
import { fetchFile } from '../../../builder/fetch/fetch.js'
import { removeOldParts } from '../../../builder/fetch/parts.js'
import { claim } from '../../../store/index.js'
import { makeKeeper } from '../../../store/keeper.js'
import { keeperProgram } from '../../support/store.js'
import { aContext, content, digest, filesIn, scratch, serve } from './support.js'

const entry = `sha256-${digest.hex}`
const part = `.part-${entry}`
const CUT = 700

/** A server of files that gives parts, of the right file and of one that is all zeros. */
const ranges: http.RequestListener = ({ headers, url }, response) => {
  const whole = url === '/other' ? Buffer.alloc(content.length) : content
  const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0)
  if (url === '/gone') response.writeHead(404).end()
  else if (from === 0) response.end(whole)
  else if (from >= whole.length)
    response.writeHead(416, { 'content-range': `bytes */${whole.length}` }).end('too far')
  else
    response
      .writeHead(206, { 'content-range': `bytes ${from}-${whole.length - 1}/${whole.length}` })
      .end(whole.subarray(from))
}

/** Gives the rest of the file, while somebody writes to what is there of it. */
async function disturb(file: string, response: http.ServerResponse): Promise<void> {
  const range = `bytes ${CUT}-${content.length - 1}/${content.length}`
  response.writeHead(206, { 'content-range': range }).flushHeaders()
  // Late enough for what is there to have been read.
  await delay(200)
  await writeFile(file, 'x', { flag: 'r+' })
  response.end(content.subarray(CUT))
}

/** Fetches as one command of several does, where `prepare` has filled the folder of the cache. */
async function fetchAfter(prepare: (folder: string) => Promise<unknown>, ...paths: readonly string[]) {
  await using directory = await scratch()
  await using keeper = makeKeeper(keeperProgram)
  const asked: (string | undefined)[] = []
  await using server = await serve((request, response) => {
    asked.push(request.headers.range)
    const isDisturbed = request.url === '/disturbed' && request.headers.range !== undefined
    if (isDisturbed) void disturb(join(folder, part), response)
    else ranges(request, response)
  })
  const folder = join(directory.path, 'cache')
  await mkdir(folder)
  await prepare(folder)
  const cache = makeDownloadCache({ folder })
  const context = aContext({
    cache,
    claim: async wanted => claim(keeper, (await cache.claimFile(wanted))!),
  })
  const urls = (paths.length > 0 ? paths : ['right']).map(path => `${server.url}/${path}`)
  const target = join(directory.path, 'target')
  const result = await fetchFile({ name: 'thing.tar', urls, digest }, target, context).catch(error => error)
  return {
    result,
    asked,
    right: content.equals(await readFile(target).catch(() => Buffer.alloc(0))),
    kept: await filesIn(folder),
    warnings: context.events.flatMap(event => (event.kind === 'warning' ? [event.message] : [])),
  }
}

const write = (bytes: Uint8Array) => (folder: string) => writeFile(join(folder, part), bytes)

test('goes on where another command was cut short, also at another URL', async () => {
  for (const paths of [['right'], ['gone', 'right']])
    expect(await fetchAfter(write(content.subarray(0, CUT)), ...paths)).toMatchObject({
      right: true,
      asked: paths.map(() => `bytes=${CUT}-`),
      kept: [entry],
      warnings: [],
    })
})

test('takes a file of which all is there, and asks nobody', async () => {
  expect(await fetchAfter(write(content))).toMatchObject({
    right: true,
    asked: [],
    kept: [entry],
  })
})

test.each([
  ['of another file', Buffer.alloc(CUT)],
  ['longer than the file', Buffer.alloc(content.length + 1)],
])('fetches the file whole where what is there is %s', async (_what, bytes) => {
  expect(await fetchAfter(write(bytes))).toMatchObject({
    right: true,
    asked: [`bytes=${bytes.length}-`, undefined],
    kept: [entry],
  })
})

test('takes nothing of a file to which somebody else wrote meanwhile', async () => {
  expect(await fetchAfter(write(content.subarray(0, CUT)), 'disturbed')).toMatchObject({
    right: true,
    asked: [`bytes=${CUT}-`, undefined],
    kept: [entry],
  })
})

test('keeps nothing of another file', async () => {
  expect(await fetchAfter(write(content.subarray(0, CUT)), 'other')).toMatchObject({
    result: { code: 'HASH_MISMATCH' },
    kept: [],
  })
})

test('keeps what there is for the next command when nobody has the rest', async () => {
  expect(await fetchAfter(write(content.subarray(0, CUT)), 'gone')).toMatchObject({
    result: { code: 'FETCH_FAILED' },
    kept: [part],
  })
})

test('does without when there can be no such file', async () => {
  const result = await fetchAfter(folder => mkdir(join(folder, part)))
  expect(result).toMatchObject({ right: true, asked: [undefined] })
  expect(result.warnings).toEqual([expect.stringMatching(/^The download cache .* cannot be used: .*EISDIR/)])
})

test('removeOldParts() removes what nobody went on with, and the oldest of too much', async () => {
  await using directory = await scratch()
  const now = Date.now()
  const make = async (name: string, size: number, hours: number): Promise<void> => {
    const path = join(directory.path, name)
    await writeFile(path, '')
    await truncate(path, size)
    const time = (now - hours * 3600_000) / 1000
    await utimes(path, time, time)
  }
  await make('.part-old', 1, 8 * 24)
  await make('.part-small', 1, 6 * 24)
  await make('sha256-old', 1, 8 * 24)
  await removeOldParts(directory.path, now)
  expect(await filesIn(directory.path)).toEqual(['.part-small', 'sha256-old'])
  await make('.part-big', 6 * 2 ** 30, 3)
  await make('.part-bigger', 7 * 2 ** 30, 2)
  await make('.part-in-use', 9 * 2 ** 30, 0.5)
  await removeOldParts(directory.path, now)
  expect(await filesIn(directory.path)).toEqual(['.part-in-use', 'sha256-old'])
})
