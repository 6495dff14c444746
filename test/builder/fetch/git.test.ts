import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeDownloadCache } from '../../../builder/fetch/cache.js'
import type { FetchContext } from '../../../builder/fetch/fetch.js'
import { fetchGit, type GitRequest } from '../../../builder/fetch/git.js'
import { hashTree } from '../../../store/index.js'
import { expectNoProcess } from '../../support/leftovers.js'
import { makeRepository, type TestRepository } from '../../support/repository.js'
import { sandboxProgram } from '../../support/sandbox.js'
import { aContext, filesIn, freePort, digest as other, scratch, serve } from './support.js'

let directory: Awaited<ReturnType<typeof scratch>>
let repository: TestRepository
let commit: string
beforeEach(async () => {
  directory = await scratch()
  repository = makeRepository(join(directory.path, 'origin'))
  await symlink('lines.txt', join(repository.folder, 'link'))
  await writeFile(join(repository.folder, 'run'), '#!/bin/sh\n', { mode: 0o755 })
  commit = repository.commit({
    '.gitattributes': '*.txt text eol=crlf\nhidden export-ignore\nwhere ident\nfiltered filter=upper\n',
    'lines.txt': 'one\ntwo\n',
    hidden: 'is there\n',
    where: '$Id$\n',
    filtered: 'as it is\n',
    'deep/er/file': '',
  })
  repository.commit({ 'lines.txt': 'later\n' })
})
afterEach(() => directory[Symbol.asyncDispose]())

/** A server of plain files, which gives all that `git update-server-info` lists in a repository. */
const plainFiles =
  (folder = repository.folder): RequestListener =>
  async (request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://localhost')
    const content = await readFile(join(folder, '.git', pathname)).catch(() => undefined)
    response.writeHead(content ? 200 : 404).end(content)
  }

/** What the commit has, written by hand. */
async function expectedTree(): Promise<string> {
  const folder = join(directory.path, 'expected')
  await mkdir(join(folder, 'deep/er'), { recursive: true })
  await writeFile(
    join(folder, '.gitattributes'),
    '*.txt text eol=crlf\nhidden export-ignore\nwhere ident\nfiltered filter=upper\n',
  )
  await writeFile(join(folder, 'lines.txt'), 'one\ntwo\n')
  await writeFile(join(folder, 'hidden'), 'is there\n')
  await writeFile(join(folder, 'where'), '$Id$\n')
  await writeFile(join(folder, 'filtered'), 'as it is\n')
  await writeFile(join(folder, 'deep/er/file'), '')
  await writeFile(join(folder, 'run'), '#!/bin/sh\n', { mode: 0o755 })
  await symlink('lines.txt', join(folder, 'link'))
  return folder
}

const expected = async (): Promise<GitRequest['digest']> =>
  (await hashTree(await expectedTree(), 'sha256')).narHash

/** Fetches into a directory of its own and gives the tree; whatever else was made there is gone. */
async function fetch(changes: Partial<GitRequest>, context: Partial<FetchContext> = {}) {
  const url = `file://${repository.folder}`
  const request = { name: 'origin', urls: [url], commit, submodules: false, digest: other, ...changes }
  const work = join(directory.path, `work-${Math.random()}`)
  await mkdir(work)
  const target = join(work, 'tree')
  await fetchGit(request, target, work, aContext(context)).catch(async error => {
    expect(await filesIn(work)).toEqual([])
    throw error
  })
  return target
}

test('gives the files of a commit that is no branch, byte by byte, whatever attributes say', async () => {
  const target = await fetch({ digest: await expected() })
  expect(await readFile(join(target, 'lines.txt'), 'utf8')).toBe('one\ntwo\n')
  expect((await readdir(target)).sort()).toEqual([
    '.gitattributes',
    'deep',
    'filtered',
    'hidden',
    'lines.txt',
    'link',
    'run',
    'where',
  ])
})

describe('takes the commit', () => {
  test('from a server that gives branches and tags only', async () => {
    const settings = join(directory.path, 'gitconfig')
    await writeFile(settings, '[protocol]\n\tversion = 0\n')
    const before = process.env.GIT_CONFIG_GLOBAL
    process.env.GIT_CONFIG_GLOBAL = settings
    try {
      await fetch({ digest: await expected() })
    } finally {
      if (before === undefined) delete process.env.GIT_CONFIG_GLOBAL
      else process.env.GIT_CONFIG_GLOBAL = before
    }
  })

  test('from a server that is busy at first', async () => {
    repository.git('update-server-info')
    let asked = 0
    await using server = await serve((request, response) => {
      if (asked++ < 2) response.writeHead(503).end()
      else plainFiles()(request, response)
    })
    await fetch({ urls: [server.url], digest: await expected() })
    await expect(fetch({ urls: ['http://127.0.0.1:1/x'] })).rejects.toMatchObject({ code: 'FETCH_FAILED' })
  })

  test('from a server that is reached only later', async () => {
    repository.git('update-server-info')
    const port = await freePort()
    const urls = [`http://127.0.0.1:${port}`]
    const digest = await expected()
    const restored = delay(200).then(() => serve(plainFiles(), port))
    await fetch({ urls, digest }, { pauses: [500, 500] })
    await using _server = await restored
  })

  test('over http from a server of plain files', async () => {
    repository.git('update-server-info')
    await using server = await serve(plainFiles())
    await fetch({ urls: ['http://127.0.0.1:1/x', server.url], digest: await expected() })
  })

  test("over ssh, by the user's own client", async () => {
    const ssh = join(directory.path, 'ssh')
    await writeFile(ssh, '#!/bin/sh\nfor last; do :; done\nexec sh -c "$last"\n')
    await chmod(ssh, 0o755)
    process.env.GIT_SSH_COMMAND = ssh
    try {
      const digest = await expected()
      await fetch({ urls: [`ssh://someone@example.org${repository.folder}`], digest })
      await fetch({ urls: [`someone@example.org:${repository.folder}`], digest })
    } finally {
      delete process.env.GIT_SSH_COMMAND
    }
  })

  test('from the cache when no repository has it any more, for the cache knows trees by their hash', async () => {
    const digest = await expected()
    const cache = makeDownloadCache({ folder: join(directory.path, 'cache') })
    await fetch({ digest }, { cache })
    expect(await filesIn(join(directory.path, 'cache'))).toEqual([`sha256-${digest.hex}`])
    await rm(repository.folder, { recursive: true })
    await fetch({ digest }, { cache })
    const sources = join(directory.path, 'cache')
    await fetch({ digest }, { cache: makeDownloadCache({ folder: join(directory.path, 'none'), sources }) })
  })
})

test('has ended git, with all it started, when it is aborted', async () => {
  const refs = execFileSync('git', ['upload-pack', '--stateless-rpc', '--advertise-refs', repository.folder])
  const head = '001e# service=git-upload-pack\n0000'
  // It tells what there is, and gives nothing of it.
  await using server = await serve((request, response) => {
    response.setHeader('content-type', 'application/x-git-upload-pack-advertisement')
    if (request.method === 'GET') response.end(Buffer.concat([Buffer.from(head), refs]))
  })
  const controller = new AbortController()
  const fetched = fetch({ urls: [server.url] }, { signal: controller.signal, sandbox: sandboxProgram })
  while (server.asked.length < 2) await delay(10)
  controller.abort(new Error('stop'))
  await expect(fetched).rejects.toThrow('stop')
  await expectNoProcess(server.url)
})

test('refuses files with another hash, and keeps them nowhere', async () => {
  const cache = makeDownloadCache({ folder: join(directory.path, 'cache') })
  await expect(fetch({}, { cache })).rejects.toMatchObject({
    code: 'HASH_MISMATCH',
    hint: expect.stringContaining('sha256-'),
  })
  expect(await readdir(join(directory.path, 'cache')).catch(() => [])).toEqual([])
})

test('says what each URL lacks', async () => {
  const missing = '0'.repeat(40)
  await expect(
    fetch({ commit: missing, urls: [`file://${repository.folder}`, 'file:///no/such'] }),
  ).rejects.toMatchObject({
    code: 'FETCH_FAILED',
    failures: [
      { reason: `no branch or tag of it has the commit ${missing}` },
      { reason: expect.stringContaining('/no/such') },
    ],
  })
})

test('takes no tree or blob for a commit', async () => {
  const tree = repository.git('rev-parse', `${commit}^{tree}`)
  await expect(fetch({ commit: tree })).rejects.toMatchObject({ code: 'FETCH_FAILED' })
})

describe('submodules', () => {
  let parent: string
  beforeEach(() => {
    const inner = makeRepository(join(directory.path, 'inner'))
    inner.commit({ 'inner.txt': 'inner\n' })
    repository.git('submodule', '--quiet', 'add', '../inner', 'sub/inner')
    repository.commit({})
    const outer = makeRepository(join(directory.path, 'outer'))
    outer.git('submodule', '--quiet', 'add', `file://${repository.folder}`, 'origin')
    parent = outer.commit({ top: 'top\n' })
  })
  const urls = () => [`file://${directory.path}/outer`]

  test('are fetched when their server, too, is busy at first', async () => {
    let asked = 0
    await using server = await serve((request, response) => {
      if (asked++ === 0) response.writeHead(503).end()
      else plainFiles(join(directory.path, 'inner'))(request, response)
    })
    repository.git('-C', join(directory.path, 'inner'), 'update-server-info')
    const with503 = repository.commit({
      '.gitmodules': `[submodule "sub/inner"]\n\tpath = sub/inner\n\turl = ${server.url}\n`,
    })
    const outcome = await fetch({ commit: with503, submodules: true }).catch(error => error)
    expect(outcome).toMatchObject({ code: 'HASH_MISMATCH' })
    expect(asked).toBeGreaterThan(1)
  })

  test('are fetched at their commits, theirs too, from URLs beside the parent', async () => {
    const outcome = await fetch({ urls: urls(), commit: parent, submodules: true }).catch(error => error)
    const digest = outcome.actual
    const target = await fetch({ urls: urls(), commit: parent, submodules: true, digest })
    expect(await readFile(join(target, 'origin/sub/inner/inner.txt'), 'utf8')).toBe('inner\n')
    expect(await readdir(join(target, 'origin'))).not.toContain('.git')
  })

  test('are empty directories when they are not asked for', async () => {
    const outcome = await fetch({ urls: urls(), commit: parent }).catch(error => error)
    const target = await fetch({ urls: urls(), commit: parent, digest: outcome.actual })
    expect(await readdir(join(target, 'origin'))).toEqual([])
    expect((await readdir(target)).sort()).toEqual(['.gitmodules', 'origin', 'top'])
  })
})

test('tells how much git receives while it does, and in all', async () => {
  const url = `file://${repository.folder}`
  const context = aContext()
  const work = join(directory.path, 'told')
  await mkdir(work)
  const wanted = { name: 'origin', urls: [url], commit, submodules: false, digest: await expected() }
  await fetchGit(wanted, join(work, 'tree'), work, context)
  const told = context.events.flatMap(event => (event.kind === 'progress' ? [event.bytes] : []))
  expect(told.at(-1)).toBeGreaterThan(200)
  expect(context.events.at(-1)).toEqual({ kind: 'done', name: 'origin', from: url, bytes: told.at(-1) })
})
