import { readdir, readFile } from 'node:fs/promises'
import { beforeAll, expect, test } from 'vitest'
import { clonedStore, recipeFile } from '../support/cloned.js'
import { whyNoTrap } from '../support/counter.js'

const store = clonedStore()

/** The build's time: none of these has sources. */
const EPOCH = 315532800

beforeAll(async () => {
  await store.write(
    'asks.ts',
    recipeFile(`
const script = sh\`mkdir folder; cd folder
for name in c a e b d; do touch $name; done
{ date +%s; stat -c %Y a; ls -U; uname -r; nproc; stat -c %s:%b:%h .
  od -An -N8 -tx8 /dev/urandom; mktemp -u x.XXXXXX; } > "$out"\`
export const asks = make('asks', script)
export const relaxed = make('relaxed', sh\`date +%s%N > "$out"\`, { tracer: { clock: 'host', machine: 'host' } })
export const counted = make('counted', sh\`date +%s > "$out"\`, { tracer: { tsc: 'trap' } })
export const flat = make('flat', sh\`date +%s.%N > a; sleep 0.1; touch b; { cat a; stat -c %.9Y a b; } > "$out"\`, { tracer: { fraction: '0' } })
export const sleeps = make('sleeps', sh\`a=$(date +%s); sleep 1; b=$(date +%s); echo $((b - a)) > "$out"\`)
`),
  )
  await store.write(
    'wrong.ts',
    recipeFile(`export const wrong = make('wrong', sh\`true\`, { tracer: { clock: 'mine' } })`),
  )
})

const build = (...args: string[]) => store.run(['build', ...args])

test('a build sees constants, in the same way every time', async () => {
  const built = await build('--rounds', '3', './asks.ts:asks')
  expect(built).toMatchObject({ status: 0 })
  const lines = (await readFile(store.path + built.stdout.trim(), 'utf8')).split('\n')
  expect(lines.slice(0, 10)).toEqual([
    String(EPOCH),
    String(EPOCH),
    ...['a', 'b', 'c', 'd', 'e'],
    '6.6.0',
    '8',
    expect.stringMatching(/^\d+:\d+:\d+$/),
  ])
})

test('a check builds as often as it is asked to', async () => {
  await build('./asks.ts:asks')
  const checked = await build('--check', '--rounds', '2', './asks.ts:asks')
  expect(checked).toMatchObject({ status: 0 })
  expect(checked.stderr.match(/^building asks-1$/gm)).toHaveLength(2)
})

test('what is made several times is registered only when it is the same each time', async () => {
  for (let again = 0; again < 2; again++) {
    const built = await build('--rounds', '2', '--keep-failed', './asks.ts:relaxed')
    expect(built).toMatchObject({ status: 104, stdout: '' })
    const [, first, second] = /^hint: Both builds are kept in (\S+) and (\S+);/m.exec(built.stderr) ?? []
    for (const kept of [first!, second!])
      expect(await readdir(kept)).toContainEqual(expect.stringContaining('-relaxed-1'))
  }
  expect(await store.objects()).not.toContain('relaxed-1')
})

test('its time goes on while it waits', async () => {
  const built = await build('./asks.ts:sleeps')
  expect(await readFile(store.path + built.stdout.trim(), 'utf8')).toBe('1\n')
})

test('its files have one time to the nanosecond, if a recipe asks for that', async () => {
  const built = await build('./asks.ts:flat')
  expect(await readFile(store.path + built.stdout.trim(), 'utf8')).toBe(`${EPOCH}.000000000\n`.repeat(3))
})

test('without the tracer, or with other constants, it comes out otherwise, and nothing is registered', async () => {
  const before = await store.objects()
  for (const options of [['--no-tracer'], ['--vary', 'directory=reversed'], ['--vary', 'epoch=1000000000']])
    expect(await build('--check', ...options, './asks.ts:asks')).toMatchObject({ status: 104, stdout: '' })
  expect(await build('--no-tracer', './asks.ts:asks')).toMatchObject({
    status: 0,
    stdout: '',
    stderr: expect.stringMatching(/^building asks-1\nbuilt asks-1 in .*\nnothing was registered\n$/),
  })
  expect(await build('--vary', 'directory=shuffled', '--rounds', '2', './asks.ts:asks')).toMatchObject({
    status: 0,
  })
  expect(await store.objects()).toEqual(before)
})

test('what the programs of a build asked for is kept with its log', async () => {
  await build('./asks.ts:asks')
  const { stdout } = await store.run(['log', '--determinism', './asks.ts:asks'])
  const [head = '', ...rows] = stdout.split('\n')
  expect(head).toMatch(/^program .* clock .*/)
  expect(rows.find(row => /\/bin\/date /.test(row))).toBeDefined()
  const { programs } = JSON.parse(
    (await store.run(['log', '--determinism', '--json', './asks.ts:asks'])).stdout,
  )
  const of = (name: string) =>
    programs.find(({ program }: { program: string }) => program.endsWith(`/bin/${name}`)).counts
  expect(of('date').clock).toBe(1)
  expect(of('ls').directory).toBeGreaterThan(0)
  expect(of('uname').machine).toBe(1)
})

test('a recipe can leave a class to the host, which changes its path and its promise', async () => {
  expect((await build('./asks.ts:relaxed')).status).toBe(0)
  expect(await build('--check', './asks.ts:relaxed')).toMatchObject({ status: 104 })
  const promise = async (name: string) =>
    /^reproducible: (.*)$/m.exec((await store.run(['info', `./asks.ts:${name}`])).stdout)?.[1]
  expect(await promise('asks')).toBe('yes')
  expect(await promise('relaxed')).toBe('except: clock, machine')
})

test('a recipe can have the time stamp counter trapped, and see who reads it', async ({ skip }) => {
  const why = whyNoTrap()
  if (why !== undefined) return skip(why)
  const built = await build('--rounds', '2', './asks.ts:counted')
  expect(built).toMatchObject({ status: 0 })
  expect(await readFile(store.path + built.stdout.trim(), 'utf8')).toBe(`${EPOCH}\n`)
  const { stdout } = await store.run(['log', '--determinism', '--json', './asks.ts:counted'])
  const date = JSON.parse(stdout).programs.find(({ program }: { program: string }) =>
    program.endsWith('/bin/date'),
  )
  expect(date.counts.tsc).toBeGreaterThan(0)
})

test('a machine that does not trap the time stamp counter says so', async () => {
  const traps = whyNoTrap() === undefined
  const { stdout } = await store.run(['doctor', '--json'])
  expect(JSON.parse(stdout).findings).toContainEqual(
    expect.objectContaining({ feature: 'counter-trap', ok: traps, needed: false }),
  )
  if (traps) return
  const refused = await build('./asks.ts:counted')
  expect(refused.status).toBe(1)
  expect(refused.stderr).toContain('error[SANDBOX_UNAVAILABLE]: Cannot make a sandbox: counter failed with')
  expect(refused.stderr).toContain(`what sets "tsc: 'trap'"`)
})

test('a wrong setting is refused', async () => {
  const { stderr, status } = await build('./wrong.ts')
  expect(status).toBe(1)
  expect(stderr).toContain('error[BAD_RECIPE]')
  expect(stderr).toContain(`sets "clock" of its tracer to "mine"; it can be 'host'`)
  expect((await build('--vary', 'weather=fine', './asks.ts:asks')).stderr).toContain('error[BAD_VARIATION]')
  expect((await build('--vary', 'epoch=86399', './asks.ts:asks')).stderr).toContain(
    `error[BAD_VARIATION]: Cannot vary a build by "epoch=86399": the first epoch of a build is ${EPOCH}, the beginning of 1980`,
  )
})
