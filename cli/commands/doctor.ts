import { access, constants, statfs } from 'node:fs/promises'
import { release } from 'node:os'
import { dirname } from 'node:path'
import { probeSandbox, reachMirrors } from '../../builder/index.js'
import { locateStore } from '../../store/index.js'
import { defineCommand } from '../command.js'
import type { Context } from '../context.js'
import { formatSize } from '../terminal.js'

/** Something that builds need, and what to do where it is missing. */
interface Finding {
  readonly feature: string
  readonly ok: boolean
  /** Whether every build needs it. */
  readonly needed: boolean
  /** What was found: a fact, or the cause of the trouble. */
  readonly detail: string
  readonly remedy: string | null
}

/** Less free space than the seed and a few packages take. */
const LEAST_SPACE = 2 * 1024 ** 3

const good = (feature: string, detail: string, needed = true): Finding => ({
  feature,
  ok: true,
  needed,
  detail,
  remedy: null,
})
const bad = (feature: string, detail: string, remedy: string, needed = true): Finding => ({
  feature,
  ok: false,
  needed,
  detail,
  remedy,
})

export const command = defineCommand({
  usage: 'doctor',
  describe: 'Tell what this machine can do, with a remedy for what it cannot',
  examples: [['store doctor', 'before the first build, or when builds are refused']],
  words: [0, 0],
  async run(context) {
    const checks = [checkMachine, checkSandbox, checkDisk, checkMirrors]
    const findings = (await Promise.all(checks.map(check => check(context)))).flat()
    if (findings.some(({ ok, needed }) => needed && !ok)) process.exitCode = 1
    return { findings }
  },
  print: ({ findings }) =>
    findings.flatMap(({ feature, ok, needed, detail, remedy }) => [
      `${ok ? 'ok     ' : needed ? 'MISSING' : 'lacking'} ${feature}: ${detail}`,
      ...(remedy === null ? [] : [`        remedy: ${remedy}`]),
    ]),
})

async function checkMachine(): Promise<Finding[]> {
  const machine = `${process.arch} on Linux ${release()}, Node ${process.versions.node}`
  if (process.arch === 'x64') return [good('machine', machine)]
  return [bad('machine', machine, 'Packages are built for x86-64 only; use such a machine')]
}

async function checkSandbox({ programs }: Context): Promise<Finding[]> {
  return (await probeSandbox(programs.sandbox)).map(found =>
    found.ok
      ? good(found.feature, 'works', found.needed)
      : bad(found.feature, found.cause, found.remedy, found.needed),
  )
}

async function checkDisk({ env }: Context): Promise<Finding[]> {
  const { objects } = locateStore(env, process.getuid!())
  const folder = await nearest(objects)
  const writable = await access(folder, constants.W_OK).then(
    () => true,
    () => false,
  )
  if (!writable)
    return [bad('store', `${folder} is not writable`, 'Set STORE_ROOT to a directory that is yours')]
  const { bavail, bsize } = await statfs(folder)
  const free = `${objects}, ${formatSize(bavail * bsize)} free`
  if (bavail * bsize >= LEAST_SPACE) return [good('store', free)]
  return [bad('store', free, `Free some space, or set STORE_ROOT to a disk with ${formatSize(LEAST_SPACE)}`)]
}

/** The folder, or the one above it that exists. */
const nearest = (folder: string): Promise<string> =>
  access(folder).then(
    () => folder,
    () => nearest(dirname(folder)),
  )

async function checkMirrors(context: Context): Promise<Finding[]> {
  const { resolve, findProxy } = await context.fetching()
  const timeouts = { connect: 5000, stall: 5000 }
  const reached = await reachMirrors({ resolve, findProxy, timeouts, signal: context.signal })
  return reached.map(found =>
    'url' in found
      ? good(`mirror://${found.mirror}`, found.url)
      : bad(
          `mirror://${found.mirror}`,
          found.problems.join('; '),
          'Check the network and the proxy variables; sources can also be given in a directory named by STORE_SOURCES',
        ),
  )
}
