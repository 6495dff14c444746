import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startEvaluator } from '../../../builder/lower/confined.js'
import { evaluator } from '../../support/channel.js'
import { temporaryDirectory } from '../../support/store.js'

/** What a program prints that runs in the place of the one that evaluates recipes: of each thing that it tries the result. */
async function tryInside(things: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
  await using directory = await temporaryDirectory()
  const program = join(directory.path, 'probe.cjs')
  const tries = Object.entries(things).map(([name, code]) => `[${JSON.stringify(name)}, () => ${code}]`)
  await writeFile(
    program,
    `const [fs, net, os] = ['fs', 'net', 'os'].map(require)
    const reach = to => new Promise((resolve, reject) => net.connect(to).on('connect', resolve).on('error', reject))
    const attempt = async work => { try { return await work() } catch (error) { return error.code ?? error.message } }
    const results = {}
    void (async () => {
      for (const [name, work] of [${tries.join(', ')}]) results[name] = (await attempt(work)) ?? 'done'
      process.stdout.write('emission\\n' + JSON.stringify(results))
    })()`,
  )
  using running = startEvaluator({ ...evaluator, program })
  const answer = await running.evaluate({ code: '', expression: '', timeout: 0 })
  if (!('emission' in answer)) throw answer.error
  return JSON.parse(answer.emission)
}

const text = JSON.stringify

test('whoever got out of the language would see no file of the machine, and could write none', async () => {
  await using directory = await temporaryDirectory()
  const secret = join(directory.path, 'secret')
  await writeFile(secret, 'secret')
  expect(
    await tryInside({
      passwords: "fs.readFileSync('/etc/passwd', 'utf8')",
      secret: `fs.readFileSync(${text(secret)}, 'utf8')`,
      settings: "fs.readdirSync('/etc')",
      others: "['/proc', '/dev', '/home', '/root', '/var'].filter(fs.existsSync)",
      root: "fs.writeFileSync('/store-test', '')",
      temporary: "fs.writeFileSync('/tmp/store-test', '')",
      itself: "fs.writeFileSync(__filename, '')",
    }),
  ).toEqual({
    passwords: 'ENOENT',
    secret: 'ENOENT',
    settings: ['ld.so.cache'],
    others: [],
    root: 'EROFS',
    temporary: 'EROFS',
    itself: 'EROFS',
  })
})

test('whoever got out of the language would reach no other process, by the network or by its number', async () => {
  const name = `\0store-test-${process.pid}`
  const [port, abstract] = [createServer(), createServer()]
  await Promise.all(
    [port.listen(0, '127.0.0.1'), abstract.listen(name)].map(server => once(server, 'listening')),
  )
  try {
    expect(
      await tryInside({
        port: `reach(${text({ host: '127.0.0.1', port: (port.address() as AddressInfo).port })})`,
        abstract: `reach(${text(name)})`,
        addresses: 'os.networkInterfaces()',
        us: `process.kill(${process.pid}, 0)`,
        parent: 'process.ppid',
        all: 'process.kill(-1, 0)',
      }),
    ).toEqual({
      port: 'ENETUNREACH',
      abstract: 'ECONNREFUSED',
      addresses: {},
      us: 'ESRCH',
      parent: 0,
      all: 'ESRCH',
    })
  } finally {
    for (const server of [port, abstract]) server.close()
  }
})

test('whoever got out of the language would have its limits', async () => {
  const limits = ['core_file_size_blocks', 'cpu_time_seconds', 'data_seg_size_kbytes', 'file_size_blocks']
  expect(
    await tryInside({
      limits: `${text(limits)}.map(name => Object.values(process.report.getReport().userLimits[name]))`,
      memory: 'new ArrayBuffer(2 ** 31).byteLength',
    }),
  ).toEqual({
    limits: [
      [0, 0],
      [60, 61],
      [2 ** 31, 2 ** 31],
      [0, 0],
    ],
    memory: 'Array buffer allocation failed',
  })
})

const confined = [
  'confine',
  ...['/lib', '/lib64', '/usr/lib', '/usr/lib64', '/usr/local/lib', process.execPath],
  ...['--', process.execPath],
]

test('a program is given no variable, whatever its caller has', () => {
  const ran = spawnSync(evaluator.sandbox, [...confined, '-p', 'Object.keys(process.env).length'], {
    env: { SECRET: 'secret' },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  expect(ran).toMatchObject({ status: 0, stdout: '0\n', stderr: '' })
})

test.each([
  ['process.exit(7)', { status: 7, signal: null }],
  ["process.kill(process.pid, 'SIGTERM')", { status: null, signal: 'SIGTERM' }],
  ["process.kill(process.pid, 'SIGKILL')", { status: null, signal: 'SIGKILL' }],
] as const)('it ends as its program does: %s', (code, ending) => {
  expect(
    spawnSync(evaluator.sandbox, [...confined, '-e', code], { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] }),
  ).toMatchObject(ending)
})
