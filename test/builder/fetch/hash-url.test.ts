import { expect, test } from 'vitest'
import { probeUrl } from '../../../builder/fetch/hash-url.js'
import { aContext, serve } from './support.js'

test('probeUrl() tells what is gone from what may be there', async () => {
  await using server = await serve(({ url }, response) => {
    response.statusCode = Number(url!.slice(1))
    response.end('something')
  })
  const nobody = 'http://127.0.0.1:1/'
  const probe = (...places: readonly string[]) => probeUrl('mirror', aContext({ resolve: () => places }))
  const at = (status: number): string => `${server.url}/${status}`
  expect(await probe(at(200))).toBeUndefined()
  expect(await probe(nobody, at(404), at(200))).toBeUndefined()
  expect(await probe(at(404))).toEqual({
    reason: `${at(404)}: the server answered 404 Not Found`,
    isGone: true,
  })
  for (const gone of [at(410), 'file:///nowhere', 'file:///', 'gopher://x', 'x'])
    expect(await probe(at(403), gone)).toMatchObject({ isGone: true })
  for (const silent of [at(503), nobody])
    expect(await probe(at(404), silent)).toMatchObject({ isGone: false })
})
