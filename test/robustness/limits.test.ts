import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { clonedStore, recipeFile } from '../support/cloned.js'
import { storeProgram } from '../support/command.js'

const store = clonedStore()

beforeAll(async () => {
  await store.write(
    'limits.ts',
    recipeFile(`
export const deaf = make('deaf', sh\`trap '' TERM INT HUP; while :; do sleep 1; echo tick; done\`)
export const loud = make('loud', sh\`yes 'a line as long as those of a compiler with many options' | head -c 512M; head -c 512M /dev/zero; echo; echo the end; touch $out\`)
export const untidy = make('untidy', sh\`mkdir many; cd many; for i in {1..100000}; do : > $i; done; ln -s /none x; chmod 0 .; touch $out\`)
export const bomb = make('bomb', sh\`bomb() { bomb | bomb & }; bomb; while :; do sleep 1; done\`)
export const hog = make('hog', sh\`x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done\`)
`),
  )
})

/** Builds, and tells how much memory the command took at most, in MiB. Nothing of the build is left. */
async function build(name: string, ...args: string[]) {
  let most = 0
  const ran = await store.run(['build', `./limits.ts:${name}`, ...args], {
    onStart: child => {
      const timer = setInterval(() => {
        const { stdout } = spawnSync('cat', [`/proc/${child.pid}/status`], { encoding: 'utf8' })
        most = Math.max(most, Number(/^VmHWM:\s+(\d+)/m.exec(stdout)?.[1] ?? 0) / 1024)
      }, 500)
      child.on('close', () => clearInterval(timer))
    },
  })
  expect(await store.staged()).toEqual([])
  return { ...ran, most }
}

test('a builder that ignores every signal is ended when its time is over', async () => {
  const { status, stderr } = await build('deaf', '--timeout', '3')
  expect(status, stderr).toBe(101)
  expect(stderr).toContain('error[TIMED_OUT]: The build of "deaf-1" took longer than 3 seconds')
})

test('a builder that prints a gigabyte, half of it one line, takes neither memory nor disk', async () => {
  const { status, stderr, most } = await build('loud')
  expect(status, stderr).toBe(0)
  expect(most).toBeLessThan(400)
  const log = await store.run(['log', './limits.ts:loud', '--tail', '1'])
  expect(log).toMatchObject({ status: 0, stdout: 'the end\n' })
  const record = JSON.parse((await store.run(['log', './limits.ts:loud', '--json'])).stdout)
  expect(record).toMatchObject({ truncated: true, lines: expect.arrayContaining(['the end']) })
  const logs = join(store.path, 'var/log')
  const sizes = readdirSync(logs, { recursive: true, encoding: 'utf8' }).map(
    name => statSync(join(logs, name)).size,
  )
  expect(Math.max(...sizes)).toBeLessThan(8 << 20)
})

test('a hundred thousand files that a build leaves are gone with it', async () => {
  const { status, stderr } = await build('untidy')
  expect(status, stderr).toBe(0)
})

test('a builder that forks without end takes the processes of its own sandbox alone', async () => {
  const { status, stderr } = await build('bomb', '--timeout', '30')
  expect(status, stderr).toBe(101)
  expect(stderr).toContain('Resource temporarily unavailable')
})

test('a builder that fills the memory is ended, and not the command', async ({ skip }) => {
  const controller = '/sys/fs/cgroup/memory'
  const group = `${controller}/store-test-${process.pid}`
  if (process.getuid!() !== 0 || !existsSync(`${controller}/memory.limit_in_bytes`))
    skip('needs root, and the memory controller of cgroups')
  mkdirSync(group)
  try {
    writeFileSync(`${group}/memory.limit_in_bytes`, '500M')
    const { status, stderr } = spawnSync(
      'sh',
      [
        '-c',
        'echo $$ > "$0/cgroup.procs" && exec "$@"',
        group,
        process.execPath,
        storeProgram,
        'build',
        './limits.ts:hog',
      ],
      { cwd: store.folder, env: { ...process.env, STORE_ROOT: store.path }, encoding: 'utf8' },
    )
    expect(status, stderr).toBe(100)
    expect(stderr).toContain(
      'The build of "hog-1" was ended by signal SIGKILL, as it is when memory runs out',
    )
    expect(await store.staged()).toEqual([])
  } finally {
    rmdirSync(group)
  }
})
