import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { clonedStore, recipeFile } from '../support/cloned.js'
import { storeProgram } from '../support/command.js'
import { openTerminal } from '../support/terminal.js'

const store = clonedStore()

test('store shell --build gives the sandbox of the build, and registers nothing', async () => {
  await store.write(
    'it.ts',
    recipeFile(
      "export const it = make('it', sh`echo made > half; echo made > $out; false`, { env: { COLOUR: 'red' } })",
    ),
  )
  const talk = (input: string, ...args: readonly string[]) =>
    store.run(['shell', '--build', './it.ts', ...args], { input: Buffer.from(input) })
  const { status, stdout } = await talk(
    'pwd; ls -A | wc -l; echo "$COLOUR $out"; ls /; cat /tmp/build.sh; echo made > $out; cat /etc/passwd | head -1; exit 3\n',
  )
  expect(status).toBe(3)
  expect(stdout).toMatch(/^.*\/tmp\/guix-build-0$/m)
  expect(stdout).toMatch(/^0$/m)
  expect(stdout).toMatch(/^red \/store\/\S+-it-1$/m)
  expect(stdout).toContain('echo made > half')
  expect(stdout).toContain('guix-build')
  expect(stdout).not.toContain('@opened')
  expect(await store.staged()).toEqual([])
  expect(await store.objects()).not.toContain('it-1')

  const { stderr } = await store.run(['build', '--keep-failed', './it.ts'])
  const [, kept = ''] = /kept in (\S+)$/m.exec(stderr) ?? []
  const after = await talk('cat half\n', '--kept', kept)
  expect(after).toMatchObject({ status: 0, stdout: expect.stringMatching(/^.*made$/m) })
})

test('store shell --build refuses to begin with what is no directory', async () => {
  await store.write('it.ts', recipeFile("export const it = make('it', sh`echo made > $out`)"))
  expect(await store.run(['shell', '--build', './it.ts', '--kept', './it.ts'])).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^error\[USAGE\]: .*which is no directory$/m),
  })
  expect(await store.staged()).toEqual([])
})

describe('on a terminal', () => {
  const open = () =>
    openTerminal(
      [process.execPath, storeProgram, 'shell', '--build', './it.ts'],
      { columns: 70, rows: 20 },
      {
        cwd: store.folder,
        env: { PATH: process.env.PATH, HOME: process.env.HOME, TERM: 'xterm', STORE_ROOT: store.path },
      },
    )

  beforeAll(() => store.write('it.ts', recipeFile("export const it = make('it', sh`echo made > $out`)")))

  test('the shell of a build has one of its own, of the same size', async () => {
    const session = open()
    await session.waitFor(/^bash-\S+[$#] $/m)
    session.type('stty size; [ -t 0 ] && [ -t 2 ] && : < /dev/tty && echo all of "it"\r')
    await session.waitFor(/^20 70\nall of it$/m)
    await session.resize({ columns: 50, rows: 15 })
    session.type('stty size\r')
    await session.waitFor(/^15 50$/m)
    session.type('exit 3\r')
    expect(await session.ended).toBe(3)
    expect(await store.staged()).toEqual([])
  })

  test('^C ends what runs in the shell of a build and ^Z stops it, and the shell goes on', async () => {
    const session = open()
    await session.waitFor(/^bash-\S+[$#] $/m)
    session.type('sleep 1000\r')
    await session.waitFor(/sleep 1000\n*$/)
    await delay(300)
    session.type('\u0003')
    session.type('echo ended with "$?"\r')
    await session.waitFor(/^ended with 130$/m)
    session.type('sleep 2000\r')
    await delay(300)
    session.type('\u001a')
    await session.waitFor(/Stopped +sleep 2000/)
    session.type('exit\rexit\r')
    await session.ended
    expect(await store.staged()).toEqual([])
  })
})

test('a shell of a build that reads from a pipe stops with the command, and ends with it', async () => {
  await store.write('it.ts', recipeFile("export const it = make('it', sh`echo made > $out`)"))
  let ticks = 0
  const waitFor = async (more: number): Promise<void> => {
    for (const goal = ticks + more; ticks < goal; ) await delay(20)
  }
  let suspended: { readonly before: number; readonly after: number } | undefined
  const ran = await store.run(['shell', '--build', './it.ts'], {
    input: Buffer.from('while :; do echo tick; sleep 0.1; done\n'),
    onStart: child => {
      child.stdout!.on('data', text => {
        ticks += String(text).split('tick\n').length - 1
      })
      void (async () => {
        await waitFor(3)
        child.kill('SIGTSTP')
        await delay(500)
        const before = ticks
        await delay(1000)
        suspended = { before, after: ticks }
        child.kill('SIGCONT')
        await waitFor(3)
        child.kill('SIGINT')
      })()
    },
  })
  expect(ran.status).toBe(130)
  expect(suspended?.after).toBe(suspended?.before)
  expect(await store.staged()).toEqual([])
})
