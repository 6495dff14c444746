import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { downloadsFolder, makeDownloadCache } from '../../../builder/fetch/cache.js'
import { fetchFile } from '../../../builder/fetch/fetch.js'
import { aContext, content, digest, filesIn, scratch, serve } from './support.js'

const entry = `sha256-${digest.hex}`

/** Fetches through a cache; `prepare` fills the directories before. */
async function fetchWith(prepare: (cache: string, sources: string) => Promise<unknown>) {
  await using directory = await scratch()
  const [folder, sources] = [join(directory.path, 'cache'), join(directory.path, 'sources')]
  await mkdir(sources)
  await prepare(folder, sources)
  await using server = await serve((_request, response) => void response.end(content))
  const context = aContext({ cache: makeDownloadCache({ folder, sources }) })
  const target = join(directory.path, 'target')
  const urls = [`${server.url}/dir/file-1.0.tar.gz?download`]
  const fetched = await fetchFile({ name: 'file', urls, digest }, target, context)
  return {
    from: fetched.from,
    right: content.equals(await readFile(target)),
    warnings: context.events.flatMap(event => (event.kind === 'warning' ? [event.message] : [])),
    asked: server.asked.length,
    kept: await filesIn(folder).catch(() => []),
  }
}

test('keeps what was fetched under its hash', async () => {
  expect(await fetchWith(async () => {})).toMatchObject({
    right: true,
    warnings: [],
    asked: 1,
    kept: [entry],
  })
})

test('replaces an entry that was damaged', async () => {
  const result = await fetchWith(async cache => {
    await mkdir(cache)
    await writeFile(join(cache, entry), 'damaged')
  })
  expect(result).toMatchObject({ right: true, asked: 1, kept: [entry] })
  expect(result.warnings).toEqual([expect.stringMatching(/damaged and is fetched again$/)])
})

test('warns and goes on when its folder cannot be used', async () => {
  const result = await fetchWith(cache => writeFile(cache, 'not a directory'))
  expect(result).toMatchObject({ right: true, asked: 1 })
  expect(result.warnings).toEqual([expect.stringMatching(/^The download cache .* cannot be used: /)])
})

test.each([entry, digest.hex, 'file-1.0.tar.gz', 'file'])(
  'takes a source that the user brought as "%s"',
  async name => {
    const result = await fetchWith((_cache, sources) => writeFile(join(sources, name), content))
    expect(result).toMatchObject({ right: true, warnings: [], asked: 0 })
    expect(result.from).toMatch(new RegExp(`/sources/${name}$`))
  },
)

test('does not use a source of the right name with other content, and says so', async () => {
  const result = await fetchWith((_cache, sources) => writeFile(join(sources, 'file-1.0.tar.gz'), 'other'))
  expect(result).toMatchObject({ right: true, asked: 1 })
  expect(result.warnings).toEqual([expect.stringMatching(/is not used: it does not have the declared hash$/)])
})

test('removes what a process that died left behind, but nothing fresh', async () => {
  const result = await fetchWith(async cache => {
    await mkdir(cache)
    await writeFile(join(cache, '.new-old'), '')
    await utimes(join(cache, '.new-old'), 1, 1)
    await writeFile(join(cache, '.new-fresh'), '')
  })
  expect(result.kept).toEqual(['.new-fresh', entry])
})

test.each([
  ['the variable', { XDG_CACHE_HOME: '/var/tmp/c' }, false, '/var/tmp/c/store/downloads'],
  ['the home directory', {}, false, '/home/ann/.cache/store/downloads'],
  ['not a relative variable', { XDG_CACHE_HOME: 'c' }, false, '/home/ann/.cache/store/downloads'],
  ['its own place for root', { XDG_CACHE_HOME: '/var/tmp/c' }, true, '/var/cache/store/downloads'],
])('lies where it is shared by all stores of a user: %s', (_name, variables, isRoot, folder) => {
  expect(downloadsFolder(variables, '/home/ann', isRoot)).toBe(folder)
})
