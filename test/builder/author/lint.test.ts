import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Linted, lineOf } from '../../../builder/author/lint/finding.js'
import { lintMetadata } from '../../../builder/author/lint/metadata.js'
import { lintHashes, withHashes } from '../../../builder/author/lint/sources.js'
import { licenseProblem } from '../../../builder/author/lint/spdx.js'
import { lintTests } from '../../../builder/author/lint/style.js'
import { type AskContext, lintUrls } from '../../../builder/author/lint/urls.js'
import { type DownloadCache, makeDownloadCache } from '../../../builder/fetch/cache.js'
import { hashGit } from '../../../builder/fetch/git.js'
import { lower } from '../../../builder/lower/lower.js'
import {
  emit,
  fetchGit,
  fetchUrl,
  gnu,
  recipe,
  sh,
  text,
  trivial,
  unpackArchive,
} from '../../../builder/recipe/index.js'
import { digestOf, formatDigest } from '../../../store/index.js'
import { makeRepository, type TestRepository } from '../../support/repository.js'
import { aContext, content, digest, filesIn, type Server, scratch, serve } from '../fetch/support.js'

const bash = recipe({
  name: 'bash',
  version: '5',
  phases: trivial(sh`mkdir "$out"`, { shell: text('/sh') }),
})

/** A package as lint sees it. */
function linted(fields: object, text = 'export const it = recipe({'): Linted {
  const it = recipe({ name: 'it', version: '1', inputs: { bash }, phases: gnu(), ...fields })
  const emission = emit({ 'channel/it.ts': { it } }, { select: {} })
  return { package: emission.packages[0]!, file: '/it.ts', text, emission }
}

const meta = { synopsis: 'Thing', homepage: 'https://example.org/', license: 'MIT' }
const codes = (fields: object): string[] => lintMetadata(linted({ meta: fields })).map(({ code }) => code)

describe('licenseProblem', () => {
  test.each([
    'MIT',
    'GPL-2.0+',
    'MIT AND (Zlib OR GPL-2.0-only WITH Bison-exception-2.2)',
    'LicenseRef-mine',
    'X11-distribute-modifications-variant',
  ])('takes %s', expression => {
    expect(licenseProblem(expression)).toBeUndefined()
  })

  test.each([
    ['', 'SPDX knows no licence "the end"'],
    ['GPLv3', 'SPDX knows no licence "GPLv3"'],
    ['mit', 'SPDX knows no licence "mit"'],
    ['MIT Zlib', '"Zlib" is one word too many'],
    ['MIT and Zlib', '"and" is one word too many'],
    ['(MIT', 'a parenthesis is not closed'],
    ['MIT)', '")" is one word too many'],
    ['MIT AND', 'SPDX knows no licence "the end"'],
    ['GPL-2.0-only WITH me', 'SPDX knows no exception "me"'],
  ])('refuses "%s"', (expression, problem) => {
    expect(licenseProblem(expression)).toBe(problem)
  })
})

describe('lintMetadata', () => {
  test('is content with a synopsis, a homepage and a licence', () => {
    expect(codes(meta)).toEqual([])
  })

  test.each([
    [{}, ['NO_SYNOPSIS', 'NO_HOMEPAGE', 'NO_LICENSE']],
    [{ ...meta, synopsis: 'thing' }, ['SYNOPSIS_STYLE']],
    [{ ...meta, synopsis: 'Thing.' }, ['SYNOPSIS_STYLE']],
    [{ ...meta, synopsis: 'A thing' }, ['SYNOPSIS_STYLE']],
    [{ ...meta, synopsis: 'It' }, ['SYNOPSIS_STYLE']],
    [{ ...meta, synopsis: `T${'h'.repeat(80)}` }, ['SYNOPSIS_STYLE']],
    [{ ...meta, homepage: 'example.org' }, ['BAD_HOMEPAGE']],
    [{ ...meta, license: 'free' }, ['BAD_LICENSE']],
  ])('says of %j: %j', (fields, expected) => {
    expect(codes(fields)).toEqual(expected)
  })
})

describe('lintTests', () => {
  const count = (phases: unknown): number => lintTests(linted({ phases })).length

  test('takes tests that run, and reasons', () => {
    expect(count(gnu())).toBe(0)
    expect(count(gnu().without('check', 'the tests need a network'))).toBe(0)
    expect(count(trivial(sh`true`))).toBe(0)
  })

  test.each([
    ['an excuse', gnu().without('check', 'TODO')],
    ['another', gnu().without('check', 'broken.')],
    ['a check that is nothing', gnu().replace('check', () => sh`true`)],
    ['a check that only says so', gnu().replace('check', () => sh`echo skipped; exit 0`)],
    ['an empty one', gnu().replace('check', () => sh`# later`)],
  ])('finds %s', (_what, phases) => {
    expect(count(phases)).toBe(1)
  })
})

const commit = '0'.repeat(40)
const git = (url: string, hash = 'sha256-x') => fetchGit({ url, commit, hash })
const file = (url: string, hash = 'sha256-y') => fetchUrl({ url, hash })

describe('lintHashes', () => {
  test.each([
    ['a file', { source: file('file:///a') }],
    ['a commit', { source: git('file:///a') }],
    ['what is unpacked', { source: unpackArchive(file('file:///a.tar')) }],
    ['a patch', { env: { patch: file('file:///a') } }],
    [
      'what an input fetches that no file exports',
      {
        inputs: {
          bash,
          own: recipe({ name: 'own', version: '1', source: file('file:///a'), phases: bash.phases }),
        },
      },
    ],
  ])('finds the wrong hash of %s', (_what, fields) => {
    const it = linted(fields)
    expect(lintHashes(it)).toMatchObject([{ code: 'BAD_HASH', line: 1 }])
    expect(lintHashes({ ...it, emission: withHashes(it.emission) })).toEqual([])
  })

  test('finds one at the end of a chain that is longer than the call stack', () => {
    let own = recipe({ name: 'own', version: '1', source: file('file:///a'), phases: bash.phases })
    for (let i = 0; i < 20_000; i++)
      own = recipe({ name: 'link', version: '1', inputs: { own }, phases: bash.phases })
    expect(lintHashes(linted({ inputs: { bash, own } }))).toMatchObject([{ code: 'BAD_HASH' }])
  })

  test('names the line of the hash that is wrong', () => {
    const lines = [
      "const patch = fetchUrl({ url, hash: 'sha256-y' })",
      'export const it = recipe({',
      "  hash: 'x'",
    ]
    expect(lintHashes(linted({ env: { patch: file('file:///a') } }, lines.join('\n')))).toMatchObject([
      { line: 1, sentence: expect.stringMatching(/^"it" has a source "a" with a wrong hash: /) },
    ])
  })

  test('leaves to another package what is its own', () => {
    const own = recipe({ name: 'own', version: '1', source: git('file:///a'), phases: bash.phases })
    const it = recipe({ name: 'it', version: '1', inputs: { own }, phases: bash.phases })
    const emission = emit({ 'channel/it.ts': { it }, 'channel/own.ts': { own } }, { select: {} })
    const findings = emission.packages.map(found =>
      lintHashes({ package: found, file: '', text: '', emission }),
    )
    expect(findings.map(({ length }) => length)).toEqual([0, 1])
  })

  test('does not keep from lowering what does not need it', async () => {
    const { emission } = linted({ source: git('file:///a') })
    await expect(lower(emission, [])).rejects.toThrow('wrong hash')
    expect((await lower(withHashes(emission), [])).nodes).toHaveLength(emission.nodes.length)
  })
})

/** How URLs are asked, and what is told meanwhile. */
function asking(downloads?: DownloadCache): AskContext & { readonly warnings: string[]; last(): unknown } {
  const warnings: string[] = []
  let last: unknown
  return {
    ...aContext(),
    downloads,
    warn: text => warnings.push(text),
    report: progress => {
      last = progress
    },
    warnings,
    last: () => last,
  }
}

test('lintUrls asks for files as files and for repositories as git does', async () => {
  await using directory = await scratch()
  const repository = makeRepository(join(directory.path, 'origin'))
  repository.commit({ file: 'one\n' })
  const there = `file://${repository.folder}`
  const ask = async (fields: object) => (await lintUrls([linted(fields)], asking())).map(({ code }) => code)
  expect(await ask({ source: git(there), env: { patch: file(`${there}/file`) } })).toEqual([])
  expect(await ask({ source: git('file:///nowhere'), env: { patch: file('file:///nowhere') } })).toEqual([
    'DEAD_URL',
    'DEAD_URL',
  ])
  expect(await ask({ source: git('ssh://127.0.0.1:1/it') })).toEqual(['SILENT_URL'])
  expect(await ask({ source: git('me@no.invalid:it') })).toEqual(['SILENT_URL'])
})

describe('lintUrls that downloads', () => {
  let directory: Awaited<ReturnType<typeof scratch>>
  let repository: TestRepository
  let server: Server
  beforeEach(async () => {
    directory = await scratch()
    repository = makeRepository(join(directory.path, 'origin'))
    server = await serve((request, response) => {
      response.end(request.url === '/other' ? 'other' : content)
    })
  })
  afterEach(async () => {
    await server[Symbol.asyncDispose]()
    await directory[Symbol.asyncDispose]()
  })
  const cache = () => makeDownloadCache({ folder: join(directory.path, 'cache') })
  const hash = formatDigest(digest)
  const other = formatDigest(digestOf('sha256', 'other'))

  test('names each URL that gives other bytes than it did, though the cache has the right ones', async () => {
    const context = asking(cache())
    const urls = ['/one', '/other', '/two'].map(path => server.url + path)
    const it = linted({ source: fetchUrl({ url: urls, hash }) }, `recipe(\n${urls.join('\n')}`)
    for (const _run of [1, 2])
      expect(await lintUrls([it], context)).toEqual([
        {
          file: '/it.ts',
          line: 3,
          code: 'HASH_MISMATCH',
          sentence: `"it" has a source that has another hash there: ${urls[1]} gives ${other}`,
        },
      ])
    expect(await filesIn(join(directory.path, 'cache'))).toEqual([`sha256-${digest.hex}`])
    expect(context.last()).toEqual({ asked: 3, urls: 3, bytes: 2 * content.length + 'other'.length })
    expect(context.warnings).toEqual([])
  })

  test('takes no other place for the URL, and no hash that cannot be read', async () => {
    const lastResort = () => [`${server.url}/one`]
    const context = { ...asking(cache()), lastResort }
    const it = linted({
      source: fetchUrl({ url: `${server.url}/other`, hash }),
      env: { patch: file(`${server.url}/patch`) },
    })
    expect((await lintUrls([it], context)).map(({ code }) => code)).toEqual(['HASH_MISMATCH'])
  })

  test('compares the files of a commit, and tells when it is gone', async () => {
    const commit = repository.commit({ file: 'one\n' })
    const url = `file://${repository.folder}`
    const work = { scratch: directory.path }
    const right = await hashGit({ url, commit, submodules: false }, work)
    const ask = async (fields: object) => {
      const source = fetchGit({ url, commit, hash: right, ...fields })
      return (await lintUrls([linted({ source })], asking(cache()))).map(({ code }) => code)
    }
    expect(await ask({})).toEqual([])
    expect(await ask({ hash })).toEqual(['HASH_MISMATCH'])
    expect(await ask({ commit: '0'.repeat(40) })).toEqual(['DEAD_URL'])
  })

  test('says that a download broke off', async () => {
    let asked = 0
    await using broken = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 100))
      if (asked++ > 0) response.destroy()
    })
    const it = linted({ source: fetchUrl({ url: broken.url, hash }) })
    expect(await lintUrls([it], asking(cache()))).toMatchObject([{ code: 'SILENT_URL' }])
  })
})

test('lineOf finds a field of the export that is meant, else the export', () => {
  const file = `import x from 'x'
export const one = recipe({
  name: 'one',
})
export const two = recipe({
  name: 'two', meta: { license: 'MIT' },
})
export { a, b }
`
  expect(lineOf(file, 'one')).toBe(2)
  expect(lineOf(file, 'one', 'license')).toBe(2)
  expect(lineOf(file, 'two', 'name')).toBe(6)
  expect(lineOf(file, 'two', 'license')).toBe(6)
  expect(lineOf(file, 'b')).toBe(8)
  expect(lineOf(file, 'nothing')).toBe(1)
})
