import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, inject, test } from 'vitest'
import { openStore } from '../../store/index.js'
import { type Ran, temporaryRoot } from '../support/command.js'
import { expectSound } from '../support/crashes.js'
import { killFetches } from '../support/kill-fetches.js'
import { killCommands } from '../support/kills.js'
import { findChild } from '../support/leftovers.js'
import { expectPair, runPatiently, writePair } from '../support/pair.js'
import { storeOptions } from '../support/store.js'

test('fifty kills of commands and helpers leave whole objects and nothing else', async () => {
  const ends = await killCommands(inject('seeded'), 50)
  console.log(`fifty kills ended as ${JSON.stringify(ends)}`)
})

test('kills of fetches from a bad mirror, over a network that is cut, leave whole objects and nothing else', async () => {
  const ends = await killFetches(inject('seeded'), 12)
  console.log(`twelve kills of fetches ended as ${JSON.stringify(ends)}`)
})

/** Starts a command and stops it when `moment` has come; `go` lets it go on to its end. */
async function stopAt(
  root: string,
  args: readonly string[],
  moment: (pid: number) => Promise<unknown>,
): Promise<() => Promise<Ran>> {
  let pid = 0
  const ran = runPatiently(root, args, {
    onStart: child => {
      pid = child.pid!
    },
  })
  ran.catch(() => undefined)
  await moment(pid)
  signal(pid, 'SIGSTOP')
  return () => {
    signal(pid, 'SIGCONT')
    return ran
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It was quicker.
  }
}

test('a build that is stopped keeps nobody from other things, nor from the same', async () => {
  await using root = await temporaryRoot(inject('seeded'))
  const go = await stopAt(root.path, ['build', await writePair(root.path, 'same')], async pid => {
    while ((await findChild(pid, 'sandbox')) === undefined) await delay(20)
  })
  await expectPair(root.path, 'other')
  const path = await expectPair(root.path, 'same')
  const { status, stdout, stderr } = await go()
  expect(status, stderr).toBe(0)
  expect(stdout).toBe(`${path}\n`)
  await using store = await openStore(storeOptions(root.path))
  await expectSound(store)
})

test('an add that is stopped anywhere keeps nobody from other things, nor from the same', async () => {
  await using root = await temporaryRoot(inject('seeded'))
  const folder = await mkdtemp(join(root.path, 'files-'))
  for (let round = 0; round < 15; round++) {
    const [same, other] = [join(folder, `same-${round}`), join(folder, `other-${round}`)]
    await writeFile(same, `same ${round}`.repeat(200_000))
    await writeFile(other, `other ${round}`)
    const go = await stopAt(root.path, ['add', same], () => delay(Math.random() * 1000))
    const others = [
      await runPatiently(root.path, ['add', other]),
      await runPatiently(root.path, ['add', same]),
    ]
    for (const { status, stderr } of others) expect(status, stderr).toBe(0)
    expect(await go()).toMatchObject({ status: 0, stdout: others[1]!.stdout })
  }
  await using store = await openStore(storeOptions(root.path))
  await expectSound(store)
})
