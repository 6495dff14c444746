import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { BuildEvent } from '../../../builder/index.js'
import { writeEvents } from '../../../cli/progress/events.js'
import { about, failed, finished, planned, started } from '../../support/events.js'

const { path } = about('hello-2.10')

const events: readonly BuildEvent[] = [
  {
    kind: 'planned',
    steps: [
      planned('a.tar', { work: 'fetch' }),
      planned('hello-2.10', { after: ['a.tar'], usual: 18.7 }),
      planned('b.deb', { work: 'unpack' }),
    ],
  },
  started('a.tar', 'fetch'),
  { kind: 'progress', path: about('a.tar').path, bytes: 1024, total: undefined },
  { kind: 'progress', path: about('a.tar').path, bytes: 2048, total: 4096 },
  {
    kind: 'retrying',
    path: about('a.tar').path,
    url: 'http://127.0.0.1/a.tar',
    reason: 'the connection was reset',
    seconds: 0.5,
  },
  {
    kind: 'retrying',
    path: about('a.tar').path,
    url: 'http://127.0.0.1/a.tar',
    reason: 'the connection was refused',
    seconds: undefined,
  },
  { kind: 'warning', text: 'http://127.0.0.1/a.tar: the connection was refused' },
  finished('a.tar', 'fetch', 1.23456),
  { kind: 'collecting', progress: { step: 'find what nothing keeps' } },
  {
    kind: 'collecting',
    progress: {
      step: 'delete it',
      marked: { found: 9, live: 4 },
      swept: { objects: 2, bytes: 4096, doomed: 8192 },
    },
  },
  { kind: 'collected', objects: 3, bytes: 8192 },
  { kind: 'waiting', ...about('b.deb', 'unpack') },
  { kind: 'found', ...about('b.deb', 'unpack') },
  started('hello-2.10'),
  { kind: 'phase', path, phase: 'check' },
  { kind: 'line', path, name: 'hello-2.10', line: 'größe\u001b[0m' },
  failed('hello-2.10'),
  { kind: 'stopped', ...about('hello-2.10') },
  { kind: 'ended', seconds: 20.0004 },
]

test('writeEvents() writes the lines in golden/events.jsonl', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'store-events-'))
  let time = 0
  const { report, end } = await writeEvents(join(folder, 'events'), () => time++ / 8)
  for (const event of events) report(event)
  await end()
  await expect(await readFile(join(folder, 'events'), 'utf8')).toMatchFileSnapshot(
    '../../golden/events.jsonl',
  )
  await rm(folder, { recursive: true })
})

test('writeEvents() refuses a file that cannot be written', async () => {
  await expect(writeEvents('/nowhere/file', () => 0)).rejects.toMatchObject({
    code: 'USAGE',
    message: '--events cannot write "/nowhere/file": ENOENT',
  })
})

test('writeEvents() goes on when what it writes to breaks', async () => {
  const { report, end } = await writeEvents('/dev/full', () => 0)
  for (const event of events) report(event)
  await end()
})
