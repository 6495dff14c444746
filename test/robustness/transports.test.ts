import { mkdirSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clonedStore, recipeFile } from '../support/cloned.js'
import { runStore } from '../support/command.js'
import { type GitServer, serveHttps, serveSsh } from '../support/git-servers.js'
import { makeRepository, type TestRepository } from '../support/repository.js'
import { temporaryDirectory } from '../support/store.js'

const says = (word: string): string => recipeFile(`export const it = make('it', sh\`echo ${word} > "$out"\`)`)

describe.each([
  { name: 'https', serve: serveHttps },
  { name: 'ssh', serve: serveSsh },
])('channels over $name', ({ serve }) => {
  const store = clonedStore()
  let server: GitServer
  let mine: TestRepository
  let first: string
  const channels = (): string => join(store.path, 'channels.json')
  const run = (...args: readonly string[]) =>
    store.run(args, { env: { ...server.env, STORE_CHANNELS: channels() } })
  const derivation = ['--', 'build', 'it', '--derivation']
  beforeAll(async () => {
    const repositories = join(store.path, 'repositories')
    mkdirSync(repositories)
    mine = makeRepository(join(repositories, 'mine'))
    first = mine.commit({ 'it.ts': says('first') })
    mine.git('tag', '-a', 'v1', '-m', 'first')
    server = await serve(repositories, join(store.path, 'keys'))
  })
  afterAll(() => server.stop())

  test('are not taken from whoever cannot prove who they are, or is not there', async () => {
    for (const { what, url, env, reason } of server.refusals) {
      const added = await store.run(['channel', 'add', 'far', url], {
        env: { ...env, STORE_CHANNELS: channels() },
      })
      expect({ what, ...added }).toMatchObject({
        status: 1,
        stdout: '',
        stderr: expect.stringMatching(
          /^fetching .*\nerror\[CHANNEL_UNREACHABLE\]: Cannot fetch the channel ".*": .*\nhint: .*\n$/,
        ),
      })
      expect(added.stderr.split('\n')[1]).toMatch(reason)
    }
    await expect(readFile(channels())).rejects.toMatchObject({ code: 'ENOENT' })
    expect(await readdir(join(store.path, 'var/channels')).catch(() => [])).toEqual([])
  })

  test('are added, pulled and gone back in, and what was fetched is used when the server has gone', async () => {
    const url = server.url('mine')
    expect(await run('channel', 'add', 'far', url)).toMatchObject({ status: 0, stderr: `fetching ${url}\n` })
    const then = (await run(...derivation.slice(1))).stdout
    expect(then).toMatch(/^\/store\/.*-it-1\.drv\n$/)
    const second = mine.commit({ 'it.ts': says('second') })
    expect((await run('channel', 'pull')).stdout).toBe(`far ${url} ${second}\n`)
    const now = (await run(...derivation.slice(1))).stdout
    expect(now).not.toBe(then)
    const tagged = await run('time-machine', '--commit=v1', '--channel=far', ...derivation)
    expect(tagged).toMatchObject({ status: 0, stdout: then })
    expect(tagged.stderr).toContain(`v1 is ${first}\n`)
    await server.stop()
    expect(await run(...derivation.slice(1))).toMatchObject({ status: 0, stdout: now })
    for (const commit of [first, first.slice(0, 9)])
      expect(
        await run('time-machine', `--commit=${commit}`, `--channel=${url}`, ...derivation),
      ).toMatchObject({ status: 0, stdout: then, stderr: expect.not.stringContaining('fetch') })
    const branch = await run('time-machine', '--commit=main', '--channel=far', ...derivation)
    expect(branch).toMatchObject({ status: 0, stdout: now })
    expect(branch.stderr).toMatch(/Cannot fetch the channel .*; using what was fetched before\n/)
    expect(await run('channel', 'pull')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('error[CHANNEL_UNREACHABLE]'),
    })
    await rm(join(store.path, 'var/channels'), { recursive: true })
    expect(await run('time-machine', `--commit=${first}`, `--channel=${url}`, ...derivation)).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('error[CHANNEL_UNREACHABLE]'),
    })
  })
})

test('what is hashed over https follows no redirect to http, where nothing tells what the bytes should be', async () => {
  await using directory = await temporaryDirectory()
  const server = await serveHttps(directory.path, join(directory.path, 'keys'))
  const env = { NODE_EXTRA_CA_CERTS: join(directory.path, 'keys/ca.pem') }
  const hashed = await runStore(directory.path, ['hash', server.url('insecure')], { env })
  await server.stop()
  expect(hashed).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringMatching(/FETCH_FAILED.*\n.*it redirects to http, /),
  })
})
