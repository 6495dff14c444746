import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listPackages } from '../../../builder/lower/packages.js'
import { recipeFile, writeChannel } from '../../support/channel.js'
import { temporaryDirectory } from '../../support/store.js'

/** What evaluating a recipe file that runs `code` first says. */
async function attempt(code: string): Promise<unknown> {
  await using directory = await temporaryDirectory()
  const world = await writeChannel(join(directory.path, 'channel'), { 'it.ts': recipeFile('it', '', code) })
  return await listPackages(world).then(
    packages => packages.map(({ version }) => version),
    error => error,
  )
}

describe('a recipe is told, at its line, that it cannot', () => {
  test.each([
    ['read the clock', 'Date.now()', 'it.ts:3:6: the recipe throws TypeError: a recipe cannot use the clock'],
    ['read the time', 'new Date().getTime()', 'cannot use the clock'],
    ['read the time as text', 'new Intl.DateTimeFormat().format()', 'Intl is not defined'],
    ['measure time', 'performance.now()', 'performance is not defined'],
    ['roll dice', 'Math.random()', 'it.ts:3:6: the recipe throws TypeError: a recipe cannot use randomness'],
    [
      'read the environment',
      'process.env.HOME',
      'it.ts:3:1: the recipe throws ReferenceError: process is not defined',
    ],
    ['use the network', "fetch('http://localhost/')", 'fetch is not defined'],
    ['read files', "require('fs').readFileSync('/etc/passwd')", 'it imports "fs"'],
    ['import files', "import fs from 'node:fs'; fs.readFileSync('/etc/passwd')", 'it imports "node:fs"'],
    ['import what is outside', "import it from '/etc/passwd'; it()", 'it.ts:'],
    ['make code of text', "new Function('return 1')()", 'Code generation from strings disallowed'],
    ['make code of text by a side door', "(() => {}).constructor('return process')()", 'Code generation'],
    ['use what is collected', 'new WeakRef({})', 'WeakRef is not defined'],
    ['take memory', 'new ArrayBuffer(20e9)', 'Array buffer allocation failed'],
    ['throw null', 'throw null', 'the recipe throws a value: null'],
    [
      'throw what hides',
      'throw { get message() { throw 1 }, toString() { throw 2 } }',
      'cannot even be printed',
    ],
    ['throw what lies', "throw { name: 'RecipeProblem', message: 'x'.repeat(1e6), stack: 7 }", 'xxx'],
  ])('%s', async (_what, code, message) => {
    const error = await attempt(code)
    expect(error).toMatchObject({ code: 'BAD_RECIPE', message: expect.stringContaining(message) })
    expect((error as Error).message.length).toBeLessThan(20_000)
  })

  test('loop for ever', async () => {
    expect(await attempt('for (;;);')).toMatchObject({
      code: 'BAD_RECIPE',
      message: 'The recipes are not evaluated after 10 seconds',
    })
  })

  test('hold 20 GB', async () => {
    expect(await attempt('const all = []; for (;;) all.push(new Array(1e6).fill(all.length))')).toMatchObject(
      {
        code: 'BAD_RECIPE',
        message: 'The recipes need more than 1024 MB of memory',
      },
    )
  })

  test('run deeper and deeper', async () => {
    expect(await attempt('const f = () => f() + 1; f()')).toMatchObject({
      message: expect.stringContaining('Maximum call stack size exceeded'),
    })
  })
})
