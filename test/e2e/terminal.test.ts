import { execFileSync, spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { clonedStore, recipeFile } from '../support/cloned.js'
import { storeProgram } from '../support/command.js'
import { openTerminal, type Size } from '../support/terminal.js'

const store = clonedStore()

/** Each test builds packages of its own: `b` needs `a`, and both take two seconds. */
const names = ['resize', 'narrow', 'interrupt', 'suspend', 'plain', 'tmux', 'events']
beforeAll(async () => {
  const script = 'sh`echo 日本語 first; sleep 2; echo 👨‍👩‍👧 last; touch "$out"'
  const pairs = names.map(
    name => `const ${name}A = make('${name}-a', ${script}\`)
export const ${name} = make('${name}-b', ${script}; : \${${name}A}\`)`,
  )
  await store.write('view.ts', recipeFile(pairs.join('\n')))
})

const command = (name: string, ...options: string[]) => [
  process.execPath,
  storeProgram,
  'build',
  `./view.ts:${name}-b`,
  ...options,
]

const open = (
  words: readonly string[],
  size: Size = { columns: 80, rows: 24 },
  env: NodeJS.ProcessEnv = {},
) =>
  openTerminal(words, size, {
    cwd: store.folder,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      TERM: 'xterm-256color',
      STORE_ROOT: store.path,
      ...env,
    },
  })

/** What a build that was looked at leaves on the screen. */
const left = (name: string) => [
  expect.stringMatching(new RegExp(`^built ${name}-a-1 in \\d`)),
  expect.stringMatching(new RegExp(`^built ${name}-b-1 in \\d`)),
  expect.stringMatching(/^2 builds done, in \d/),
]

describe('the live view on a terminal', () => {
  test('follows the size of the terminal and leaves nothing but what was done', async () => {
    const session = open(command('resize'))
    const seen = await session.waitFor(/▶ resize-a-1.*日本語 first/)
    expect(seen).toMatch(
      /^· resize-b-1 +waits for 1\n└─ ▶ resize-a-1 +build +\d\.\ds +日本語 first\n0\/2 built/m,
    )
    for (const columns of [30, 100, 45, 80]) {
      await session.resize({ columns, rows: 20 })
      await delay(150)
    }
    expect((await session.screen()).filter(line => line.includes('resize-a-1'))).toHaveLength(1)
    expect(await session.ended).toBe(0)
    const all = await session.everything()
    expect(all.slice(0, 3)).toEqual(left('resize'))
    expect(all.slice(3).join('')).toMatch(/^\/store\/\w{32}-resize-b-1$/)
    expect(await session.isCursorHidden()).toBe(false)
  })

  test('fits 20 columns and 6 rows', async () => {
    const session = open(command('narrow'), { columns: 20, rows: 6 })
    await session.waitFor(/▶ narrow-a-1/)
    expect((await session.screen()).slice(0, 2)).toEqual([
      expect.stringMatching(/^▶ narrow-a-1 {2}\d\.\ds$/),
      expect.stringMatching(/^0\/2 built, \d\.\ds$/),
    ])
    expect(await session.ended).toBe(0)
    expect((await session.everything()).join('\n')).not.toMatch(/[▶·]|\d\/2/)
  })

  test('is gone after ^C, and the cursor is back', async () => {
    const session = open(command('interrupt'))
    await session.waitFor(/▶ interrupt-a-1/)
    expect(await session.isCursorHidden()).toBe(true)
    session.type('\u0003')
    expect(await session.ended).toBe(130)
    expect(await session.everything()).toEqual([
      expect.stringMatching(/^nothing done, 1 stopped, 1 not begun, in \d/),
      'error[INTERRUPTED]: Interrupted; every build was stopped and cleaned up',
      'hint: Give the command again to go on: what was built before is kept',
    ])
    expect(await session.isCursorHidden()).toBe(false)
  })

  test('is gone while the command is suspended, and comes back with it', async () => {
    const session = open(['bash', '--norc', '--noprofile', '-i'], { columns: 100, rows: 30 }, { PS1: '> ' })
    session.type(`${command('suspend').join(' ')}\n`)
    await session.waitFor(/▶ suspend-a-1/)
    session.type('\u001a')
    await session.waitFor(/Stopped/)
    expect((await session.screen()).join('\n')).not.toMatch(/▶|\d\/2 built/)
    expect(await session.isCursorHidden()).toBe(false)
    session.type('fg\n')
    await session.waitFor(/▶ suspend-[ab]-1/)
    await session.waitFor(/\/store\/\w{32}-suspend-b-1/)
    session.type('exit\n')
    expect(await session.ended).toBe(0)
    const all = (await session.everything()).join('\n')
    expect(all).toMatch(/\nbuilt suspend-a-1 .*\nbuilt suspend-b-1 .*\n2 builds done/)
    expect(all).not.toMatch(/▶|\d\/2 built/)
  })

  test('is left out on a dumb terminal', async () => {
    const session = open(command('plain'), undefined, { TERM: 'dumb' })
    expect(await session.ended).toBe(0)
    expect(session.written()).not.toContain('\u001b')
    expect((await session.everything())[0]).toBe('2 builds to do')
  })
})

test('the live view is right in tmux, also when its window is split', async ({ skip }) => {
  if (spawnSync('tmux', ['-V']).status !== 0) return skip('tmux is not installed')
  const tmux = (...words: readonly string[]): string =>
    execFileSync('tmux', ['-f', '/dev/null', '-S', join(store.folder, 'tmux'), ...words], {
      encoding: 'utf8',
    })
  const screen = (): string => tmux('capture-pane', '-p', '-J')
  const waitFor = async (pattern: RegExp): Promise<void> => {
    for (let looks = 0; !pattern.test(screen()); looks++) {
      if (looks === 1200) throw new Error(`${pattern} was not seen:\n${screen()}`)
      await delay(50)
    }
  }
  const variables = [`STORE_ROOT=${store.path}`, 'LC_ALL=C.UTF-8']
  tmux('-u', 'new-session', '-d', '-x', '80', '-y', '24', '-c', store.folder, 'sh')
  try {
    tmux('set-option', '-g', 'remain-on-exit', 'on')
    tmux('send-keys', `clear; env ${[...variables, ...command('tmux')].join(' ')}`, 'Enter')
    await waitFor(/▶ tmux-a-1 +build +\d\.\ds +日本語 first/)
    tmux('split-window', '-d', '-h', '-l', '40', 'sleep 60')
    // Nothing that was drawn for the wider window stays.
    while (!/2 builds done/.test(screen())) {
      expect(screen().match(/\d\/2 built/g) ?? []).toHaveProperty('length', expect.toBeOneOf([0, 1]))
      await delay(50)
    }
    await waitFor(/^\/store\/\w+/m)
    const seen = screen()
    expect(seen).toMatch(/^built tmux-a-1 in .*\nbuilt tmux-b-1 in .*\n2 builds done, in .*\n\/store/)
    expect(seen).not.toMatch(/▶|\d\/2 built/)
  } finally {
    tmux('kill-server')
  }
})

test('--events tells programs what goes on, and log shows what a running build has printed', async () => {
  const file = join(store.folder, 'events.jsonl')
  const records = async (): Promise<Record<string, unknown>[]> =>
    (await readFile(file, 'utf8').catch(() => ''))
      .split('\n')
      .slice(0, -1)
      .map(line => JSON.parse(line))
  const building = store.run(command('events', '--events', file, '--quiet').slice(2))
  while (!(await records()).some(({ kind }) => kind === 'line')) await delay(50)
  const path = (await records()).find(({ kind }) => kind === 'line')!.path as string
  let log = ''
  while (!log.includes('first')) log = (await store.run(['log', path])).stdout
  expect(log).toMatch(/^@phase build\n日本語 first\n/)
  expect(await building).toMatchObject({ status: 0, stderr: '' })
  const all = await records()
  expect(all[0]).toEqual({ format: 'events-1' })
  expect(
    all.slice(1).map(({ kind, name, phase }) => [kind, name ?? phase].filter(Boolean).join(' ')),
  ).toEqual([
    'planned',
    ...['a', 'b'].flatMap(letter => [
      `started events-${letter}-1`,
      'phase build',
      `line events-${letter}-1`,
      `line events-${letter}-1`,
      `finished events-${letter}-1`,
    ]),
    'ended',
  ])
})
