import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { systemCode } from '../../store/error.js'
import { compareStores } from '../support/hosts.js'
import { expectTracerNeeded, irreproducible, twoHosts } from '../support/irreproducible.js'
import { ordinaryUser, storeOf, type UserStore, users } from '../support/users.js'

/** Every package of the channel, by name. */
async function allPackages(store: UserStore): Promise<readonly string[]> {
  const { stdout } = await store.run(['list', '--json'])
  return JSON.parse(stdout).packages.map(({ name }: { name: string }) => name)
}

/** Builds all packages with one command and says how long it took, and how much memory the command itself. */
async function buildAll(store: UserStore, ...options: readonly string[]): Promise<void> {
  const names = await allPackages(store)
  const start = performance.now()
  let peak = 0
  const onStart = (child: ChildProcess): void => {
    const look = setInterval(() => {
      peak = Math.max(peak, peakOf(child.pid!))
    }, 1000)
    child.on('exit', () => clearInterval(look))
  }
  const { status, stderr } = await store.run(['build', '--keep-going', ...options, ...names], { onStart })
  expect(status, stderr).toBe(0)
  const minutes = ((performance.now() - start) / 60_000).toFixed(0)
  process.stdout.write(
    `${names.length} packages with ${options.join(' ')} in ${minutes} min, ${Math.round(peak / 1e6)} MB\n`,
  )
}

/** Bytes that a process has held at most so far; none when it has ended. */
function peakOf(pid: number): number {
  try {
    const [, kilobytes = '0'] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? []
    return Number(kilobytes) * 1024
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 0
    throw error
  }
}

test('all packages from empty stores are the same, whoever builds, with however many jobs and wherever', async () => {
  await using first = await storeOf(users[0]!, undefined, tmpdir())
  await using second = await storeOf(ordinaryUser, undefined, '/dev/shm')
  await buildAll(first, '-j2')
  await buildAll(second, '-j1', '--cores', '1')
  expect(await compareStores(first.path, second.path)).toEqual([])
  const objects = (await readdir(`${first.path}/store`)).filter(name => !name.startsWith('.'))
  process.stdout.write(`${objects.length} objects compared\n`)
  await buildAll(first, '--check', '--rounds', '3', '-j2')
})

const hosts = twoHosts()

test.each(irreproducible)('$name is the same on hosts that differ under the tracer, and otherwise not', it =>
  expectTracerNeeded(it, hosts),
)
