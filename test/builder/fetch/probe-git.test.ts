import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { probeGit } from '../../../builder/fetch/probe-git.js'
import { expectNoProcess } from '../../support/leftovers.js'
import { makeRepository } from '../../support/repository.js'
import { sandboxProgram } from '../../support/sandbox.js'
import { scratch, serve } from './support.js'

const probe = (url: string, timeout = 20_000) => probeGit(url, { timeout })

test('probeGit() is content with a repository that can be read', async () => {
  await using directory = await scratch()
  const repository = makeRepository(join(directory.path, 'origin'))
  repository.commit({ file: 'one\n' })
  expect(await probe(`file://${repository.folder}`)).toBeUndefined()
})

test('probeGit() tells what is gone from what may be there', async () => {
  await using directory = await scratch()
  await mkdir(join(directory.path, 'plain'))
  await using server = await serve((request, response) =>
    response.writeHead(request.url!.startsWith('/busy') ? 503 : 404).end(),
  )
  for (const [url, reason] of [
    ['file:///nowhere/it', /^file:\/\/\/nowhere\/it: .*does not appear to be a git repository/],
    [`file://${directory.path}/plain`, /does not appear to be a git repository/],
    [`${server.url}/it.git`, /not found/],
  ] as const)
    expect(await probe(url), url).toEqual({ reason: expect.stringMatching(reason), isGone: true })
  for (const url of [
    `${server.url}/busy.git`,
    'https://127.0.0.1:1/it.git',
    'ssh://127.0.0.1:1/it.git',
    'me@no.invalid:it.git',
    'ext::sh -c true',
  ])
    expect(await probe(url), url).toMatchObject({ isGone: false })
})

test('probeGit() waits no longer than it may', async () => {
  await using server = await serve(() => undefined)
  expect(await probe(`${server.url}/it.git`, 500)).toEqual({
    reason: `${server.url}/it.git: nobody answers within 0.5 seconds`,
    isGone: false,
  })
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(probeGit(`${server.url}/it.git`, { timeout: 500, signal })).rejects.toThrow('enough')
})

test('probeGit() leaves nothing of git behind that waits for somebody', async () => {
  vi.stubEnv('GIT_SSH_COMMAND', 'sleep 7004 #')
  await probeGit('ssh://127.0.0.1/it', { timeout: 500, sandbox: sandboxProgram })
  vi.unstubAllEnvs()
  await expectNoProcess('7004')
})
