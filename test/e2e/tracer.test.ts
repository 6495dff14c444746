import { readdir, readFile } from 'node:fs/promises'
import { release } from 'node:os'
import { beforeAll, describe, expect, test } from 'vitest'
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
export const uses = make('uses', sh\`cat \${relaxed} > "$out"\`)
export const further = make('further', sh\`cat \${uses} > "$out"\`, { tracer: { usage: 'host' } })
export const counted = make('counted', sh\`date +%s > "$out"\`, { tracer: { tsc: 'trap' } })
export const flat = make('flat', sh\`date +%s.%N > a; sleep 0.1; touch b; { cat a; stat -c %.9Y a b; } > "$out"\`, { tracer: { fraction: '0' } })
export const shows = make('shows', sh\`show() { echo "seen $*"; }
show inode $(stat -c %i .)
mkdir folder; for i in {1..40}; do touch folder/$i; done; show order $(ls -U folder)
show epoch $(date +%s); case $(date +%N) in 000000000) show fraction none;; *) show fraction some;; esac
show hostname $(uname -n) $(cat /proc/sys/kernel/hostname); show release $(uname -r) $(cat /proc/sys/kernel/osrelease)
show cpus $(nproc); show memory $(head -n 1 /proc/meminfo); show random $(od -An -N8 -tx8 /dev/urandom)
TIMEFORMAT=%U; show used $( { time for ((i = 0; i < 40000; i++)); do :; done; } 2>&1 )
exit 1\`)
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
  expect(checked).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^\/store\/\w{32}-asks-1\n$/),
    stderr: expect.stringMatching(/^(building asks-1\nbuilt asks-1 in \d.*s\n){2}$/),
  })
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

describe('what is varied shows, and nothing else:', () => {
  const show = async (...variations: string[]) => {
    const { stderr } = await build(...variations.flatMap(text => ['--vary', text]), './asks.ts:shows')
    return new Map([...stderr.matchAll(/\bseen (\w+) (.*)$/gm)].map(([, name, value]) => [name!, value!]))
  }
  const sorted = Array.from({ length: 40 }, (_, i) => String(i + 1)).toSorted()
  let usual: Awaited<ReturnType<typeof show>>
  beforeAll(async () => {
    usual = await show()
  })

  test('nothing', async () => {
    expect([...usual.keys()]).toHaveLength(10)
    expect(usual.get('order')).toBe(sorted.join(' '))
    expect(await show()).toEqual(usual)
  })

  const seed = '0123456789abcdef0123456789abcdef'
  const words = (text = '') => text.split(' ')
  test.each<[string, string, (found: string) => void]>([
    ['epoch=1000000000', 'epoch', found => expect(found).toBe('1000000000')],
    ['directory=reversed', 'order', found => expect(words(found)).toEqual(sorted.toReversed())],
    ['directory=shuffled', 'order', found => expect(words(found).toSorted()).toEqual(sorted)],
    ['fraction=0', 'fraction', found => expect(found).toBe('none')],
    ['hostname=other', 'hostname', found => expect(found).toBe('other other')],
    ['release=1.2.3', 'release', found => expect(found).toBe('1.2.3 1.2.3')],
    ['cpus=3', 'cpus', found => expect(found).toBe('3')],
    ['memory=1073741824', 'memory', found => expect(found).toBe('MemTotal: 1048576 kB')],
    [`seed=${seed}`, 'random', found => expect(found).toMatch(/^[0-9a-f]{16}$/)],
    ['clock=host', 'epoch', found => expect(Math.abs(Number(found) - Date.now() / 1000)).toBeLessThan(60)],
    ['file=host', 'inode', found => expect(found).toMatch(/^\d+$/)],
    ['directory=host', 'order', found => expect(words(found).toSorted()).toEqual(sorted)],
    ['random=host', 'random', found => expect(found).toMatch(/^[0-9a-f]{16}$/)],
    ['usage=host', 'used', found => expect(Number(found)).toBeGreaterThan(0)],
  ])('%s', async (variation, name, check) => {
    const seen = await show(variation)
    expect([...usual].filter(([key, value]) => seen.get(key) !== value).map(([key]) => key)).toEqual([name])
    check(seen.get(name)!)
  })

  test('machine=host', async () => {
    const seen = await show('machine=host')
    expect(seen.get('release')).toBe(`${release()} ${release()}`)
    for (const key of ['inode', 'order', 'epoch', 'fraction', 'random', 'used'])
      expect(seen.get(key)).toBe(usual.get(key))
  })

  test('a shuffled order is of the seed, the host has another chance each time', async () => {
    const shuffled = await show('directory=shuffled')
    expect(await show('directory=shuffled')).toEqual(shuffled)
    expect((await show('directory=shuffled', `seed=${seed}`)).get('order')).not.toBe(shuffled.get('order'))
    expect((await show('random=host')).get('random')).not.toBe((await show('random=host')).get('random'))
  })
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

test('a recipe can leave a class to the host, which changes its path, its promise, and that of what uses it', async () => {
  expect((await build('./asks.ts:relaxed')).status).toBe(0)
  expect(await build('--check', './asks.ts:relaxed')).toMatchObject({ status: 104 })
  const promise = async (name: string) =>
    /^reproducible: (.*)$/m.exec((await store.run(['info', `./asks.ts:${name}`])).stdout)?.[1]
  expect(await promise('asks')).toBe('yes')
  expect(await promise('relaxed')).toBe('except: clock, machine')
  expect((await build('./asks.ts:further')).status).toBe(0)
  const inputs = 'from the same inputs; of those except: relaxed-1 (clock, machine)'
  expect(await promise('uses')).toBe(`yes, ${inputs}`)
  expect(await promise('further')).toBe(`except: usage, ${inputs}`)
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
