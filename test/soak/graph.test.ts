import { readFileSync } from 'node:fs'
import { expect, inject, test } from 'vitest'
import { runStore, storeProgram, temporaryRoot } from '../support/command.js'
import { writeGraph } from '../support/graph.js'
import { openTerminal } from '../support/terminal.js'

const COUNT = Number(process.env.SOAK_BUILDS ?? 5000)

/** Ticks of the clock by which the kernel accounts for processor time. */
const TICKS = 100

/** Looks at a command until it ends: its peak memory in bytes, and the seconds of processor time that it took itself. */
function watch(pid: number) {
  const taken = { peak: 0, processor: 0 }
  const look = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'latin1')
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
      // One that has ended and is not waited for yet has no memory.
      taken.peak = Math.max(taken.peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024)
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      taken.processor = (Number(fields[11]) + Number(fields[12])) / TICKS
    } catch {
      clearInterval(look)
    }
  }, 200)
  return taken
}

const describe = (how: string, seconds: number, { peak, processor }: ReturnType<typeof watch>): string =>
  `${COUNT} builds ${how}: ${seconds.toFixed(0)} s, of which ${processor.toFixed(0)} s in the command; ${Math.round(peak / 1e6)} MB\n`

test(`a graph of ${COUNT} builds is built on a terminal and through a pipe, within 300 MB`, async () => {
  await using root = await temporaryRoot(inject('seeded'))
  const build = async (name: string) => [
    'build',
    '-j2',
    await writeGraph(root.path, name, [{ name: `step-${name}`, count: COUNT }]),
  ]
  const words = await build('seen')
  let start = performance.now()
  const session = openTerminal(
    [process.execPath, storeProgram, ...words],
    { columns: 100, rows: 40 },
    {
      cwd: root.path,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, TERM: 'xterm-256color', STORE_ROOT: root.path },
    },
  )
  const seen = watch(session.pid())
  expect(await session.ended).toBe(0)
  process.stdout.write(describe('on a terminal', (performance.now() - start) / 1000, seen))
  expect((await session.everything()).slice(-2)).toEqual([
    expect.stringMatching(new RegExp(`^${COUNT + 1} builds done, in `)),
    expect.stringMatching(/^\/store\/\w{32}-seen-1$/),
  ])

  start = performance.now()
  let piped = { peak: 0, processor: 0 }
  const ran = await runStore(root.path, await build('piped'), {
    onStart: child => {
      piped = watch(child.pid!)
    },
  })
  expect(ran.status, ran.stderr.slice(-2000)).toBe(0)
  process.stdout.write(describe('through a pipe', (performance.now() - start) / 1000, piped))
  expect(Math.max(piped.peak, seen.peak)).toBeLessThan(300e6)
})
