import { execFileSync, spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { clonedStore, recipeFile } from '../support/cloned.js'
import { runStore, storeProgram } from '../support/command.js'
import { expectNoProcess } from '../support/leftovers.js'
import { ordinaryUser, storeOf } from '../support/users.js'

const store = clonedStore()

/** Runs a line of bash in which `store` is the command. */
function shell(line: string): { stdout: string; stderr: string; statuses: string } {
  const script = `store() { ${process.execPath} ${storeProgram} "$@"; }; ${line}; echo "\${PIPESTATUS[*]}" >&3`
  const child = ['bash', ['-c', script]] as const
  const errors = `${store.path}/errors`
  const statuses = `${store.path}/statuses`
  const stdout = execFileSync(child[0], ['-c', `exec 2>${errors} 3>${statuses}; ${script}`], {
    env: { PATH: process.env.PATH, STORE_ROOT: store.path },
    encoding: 'utf8',
  })
  const read = (file: string): string => execFileSync('cat', [file], { encoding: 'utf8' })
  return { stdout, stderr: read(errors), statuses: read(statuses).trim() }
}

test('wrong usage is told with status 2 and where to read on', async () => {
  for (const [args, text] of [
    [['bild'], 'There is no command "bild"\nhint: Did you mean: store build?'],
    [['frobnicate'], 'There is no command "frobnicate"\nhint: List the commands with: store --help'],
    [['build'], '"store build" needs more words\nhint: Usage: store build PKG...'],
    [['list', 'all'], '"all" is one word too many\nhint: Usage: store list'],
    [['build', '--nope', 'hello'], 'There is no option "--nope"\nhint: See: store build --help'],
    [['build', '-z', 'hello'], 'There is no option "-z"\nhint: See: store build --help'],
    [['log', 'hello', '--tail'], '--tail needs a value\nhint: See: store log --help'],
    [['build', 'hello', '--jobs=some'], '--jobs needs a whole number\nhint: See: store build --help'],
    [['build', 'hello', '-j', '0'], '--jobs needs a number above 0\nhint: Leave out --jobs for its default'],
    [
      ['hash', '--type', 'md5', '/dev/null'],
      'There is no hash "md5"\nhint: Known are sha256, sha512, blake3',
    ],
    [['completion', 'tcsh'], 'There is no completion for "tcsh"\nhint: Known are bash, zsh, fish'],
  ] as const) {
    const ran = await store.run(args)
    expect(ran, args.join(' ')).toEqual({
      status: 2,
      signal: null,
      stdout: '',
      stderr: `error[USAGE]: ${text}\n`,
    })
  }
})

test('help goes to stdout, for every command', async () => {
  const general = await store.run(['--help'])
  expect(general).toMatchObject({ status: 0, stderr: '' })
  const names = [...general.stdout.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name!)
  expect(names.length).toBeGreaterThan(10)
  const pages = await Promise.all(names.map(name => store.run([name, '--help'])))
  for (const [i, page] of pages.entries()) {
    expect(page, names[i]).toMatchObject({ status: 0, stderr: '' })
    expect(page.stdout).toContain(`\nUsage: store ${names[i]}`)
  }
  expect((await store.run(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test('a reader that leaves early ends the command quietly', () => {
  const line = (command: string) => shell(`${command} | head -n 1`)
  for (const command of ['store list', 'store log hello', 'store closure hello', 'store dump hello']) {
    const { stderr, statuses } = line(command)
    expect(stderr, command).toBe('')
    expect(statuses, command).toMatch(/^0 0$/)
  }
})

test('a pipe gets no escape codes and no progress on stdout', async () => {
  await store.write(
    'loud.ts',
    recipeFile(`export const loud = make('loud', sh\`printf '\\033[2Jword\\n'; touch "$out"\`)`),
  )
  const { stdout, stderr } = await store.run(['build', '-L', './loud.ts'])
  expect(stdout).toMatch(/^\/store\/\w{32}-loud-1\n$/)
  expect(stderr).toMatch(/^building loud-1\nloud-1> word\nbuilt loud-1 in \S+\n$/)
  const quiet = await store.run(['build', '-q', '--check', './loud.ts'])
  expect(quiet).toMatchObject({ status: 0, stderr: '' })
})

test('^C in the middle of a build leaves no process and no staging area', async () => {
  await store.write(
    'slow.ts',
    recipeFile(`export const slow = make('slow', sh\`sleep 86399 & echo begun; sleep 86399\`)`),
  )
  const { status, stdout, stderr } = await store.run(['build', '-L', './slow.ts'], {
    onStart: child =>
      child.stderr!.on('data', text => {
        if (String(text).includes('begun')) child.kill('SIGINT')
      }),
  })
  expect({ status, stdout }).toEqual({ status: 130, stdout: '' })
  expect(stderr).toMatch(
    /error\[INTERRUPTED\]: Interrupted; every build was stopped and cleaned up\nhint: .+\n$/,
  )
  await expectNoProcess('sleep\u000086399')
  expect(await store.staged()).toEqual([])
  expect(await store.run(['build', 'hello'])).toMatchObject({ status: 0, stderr: '' })
})

test('two commands that want the same build make it once', async () => {
  await store.write('once.ts', recipeFile(`export const once = make('once', sh\`sleep 3; touch "$out"\`)`))
  const both = await Promise.all([1, 2].map(() => store.run(['build', './once.ts'])))
  expect(both.map(({ status }) => status)).toEqual([0, 0])
  expect(both[0]!.stdout).toBe(both[1]!.stdout)
  const told = both.map(({ stderr }) => stderr).join('')
  expect(told.match(/^building once-1$/gm)).toHaveLength(1)
  expect(told.match(/^waiting for another command that makes once-1$/gm)).toHaveLength(1)
})

test('a store that cannot be written or made is named', async () => {
  expect(await store.run(['info', 'hello'], { env: { HOME: '/none' } })).toMatchObject({ status: 0 })
  for (const place of ['/dev/null', '/proc/nowhere']) {
    const child = spawn(process.execPath, [storeProgram, 'build', 'hello'], {
      env: { PATH: process.env.PATH!, STORE_ROOT: place },
    })
    let errors = ''
    child.stderr.on('data', text => {
      errors += text
    })
    const status = await Promise.race([new Promise(resolve => child.on('close', resolve)), delay(20_000)])
    expect(status, errors).toBe(1)
    expect(errors).toMatch(new RegExp(`^error\\[[A-Z_]+\\]: .*${place}.*\\nhint: .+\\n$`))
  }
})

test('completion of bash is a script that completes commands and packages', async () => {
  const complete = (...words: string[]): string =>
    shell(
      `store completion bash > ${store.path}/completion; bash -n ${store.path}/completion; . ${store.path}/completion; COMP_WORDS=(store ${words.map(word => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _store; echo "\${COMPREPLY[@]}"`,
    ).stdout.trim()
  expect(complete('buil')).toBe('build')
  expect(complete('build', 'hell')).toBe('hello')
  for (const name of ['zsh', 'fish']) {
    const { stdout, status } = await store.run(['completion', name])
    expect({ status, named: stdout.includes('referrers') }).toEqual({ status: 0, named: true })
  }
})

test('a store that belongs to somebody else is refused, and recipes are read without one', async () => {
  await using own = await storeOf(ordinaryUser)
  const theirs = join(own.path, 'theirs')
  await mkdir(theirs, { mode: 0o555 })
  const { uid } = ordinaryUser
  const run = (...args: string[]) =>
    runStore(theirs, args, { cwd: own.path, ...(uid !== undefined && { uid }) })
  expect(await run('build', 'hello')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(
      /^error\[NOT_WRITABLE\]: Cannot write to ".*theirs.*": permission denied\nhint: .+\n$/,
    ),
  })
  expect(await run('list')).toMatchObject({ status: 0, stderr: '' })
})
