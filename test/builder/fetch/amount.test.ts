import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { askAmount } from '../../../builder/fetch/amount.js'
import { makeDownloadCache } from '../../../builder/fetch/cache.js'
import { aContext, content, digest, scratch, serve } from './support.js'

/** What is asked for at a server that says the length of `/sized` alone. */
async function askServer(...paths: readonly string[]): Promise<number | undefined> {
  await using server = await serve((request, response) => {
    if (request.url === '/sized') response.writeHead(200, { 'content-length': content.length }).end(content)
    else if (request.url === '/unsized') response.write(content)
    else if (request.url !== '/silent') response.writeHead(404).end()
  })
  const urls = paths.map(path => `${server.url}${path}`)
  return await askAmount({ name: 'file', urls, digest }, aContext())
}

test('the first server that says how large the file is is believed', async () => {
  expect(await askServer('/absent', '/silent', '/unsized', '/sized')).toBe(content.length)
})

test('what no server says is unknown', async () => {
  expect(await askServer('/absent', '/unsized')).toBeUndefined()
  const urls = ['http://127.0.0.1:1/refused', 'file:///no/such/file']
  expect(await askAmount({ name: 'file', urls, digest }, aContext())).toBeUndefined()
})

test('nobody is asked any more when the time is over', async () => {
  const signal = AbortSignal.timeout(50)
  await using server = await serve(() => {})
  const context = aContext({ signal, timeouts: { connect: 60_000, stall: 60_000 } })
  expect(await askAmount({ name: 'file', urls: [server.url], digest }, context)).toBeUndefined()
})

test.each(['cache', 'sources'])('what is kept in the %s is not downloaded', async place => {
  await using directory = await scratch()
  const [folder, sources] = [join(directory.path, 'cache'), join(directory.path, 'sources')]
  await mkdir(join(directory.path, place))
  await writeFile(join(directory.path, place, `sha256-${digest.hex}`), content)
  await using server = await serve(() => {})
  const context = aContext({ cache: makeDownloadCache({ folder, sources }) })
  expect(await askAmount({ name: 'file', urls: [server.url], digest }, context)).toBe(0)
  expect(server.asked).toEqual([])
})
