import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { listPackages } from '../../../builder/lower/packages.js'
import { recipeFile, writeChannel } from '../../support/channel.js'
import { findChild } from '../../support/leftovers.js'
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
    ['write files', "require('fs').writeFileSync('/tmp/written', '')", 'it imports "fs"'],
    [
      'make files',
      "import { openSync } from 'node:fs'; openSync('/tmp/written', 'w')",
      'it imports "node:fs"',
    ],
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
    [
      'throw what never ends',
      "throw { get message() { for (;;); }, toString: () => 'an ogre' }",
      'the recipe throws a value: an ogre',
    ],
    [
      'throw what traps',
      'throw new Proxy({}, { get() { for (;;); }, getPrototypeOf() { for (;;); } })',
      'it cannot even be printed',
    ],
    [
      'throw an interruption',
      "throw { code: 'ERR_SCRIPT_EXECUTION_INTERRUPTED', message: 'me' }",
      'a value: me',
    ],
    ['start a thread', "new Worker('')", 'Worker is not defined'],
    ['start a thread of Node', "import 'node:worker_threads'", 'it imports "node:worker_threads"'],
    [
      'start a program',
      "import { execSync } from 'child_process'; execSync('id')",
      'it imports "child_process"',
    ],
    ['load machine code', "process.dlopen({}, '/tmp/x.node')", 'process is not defined'],
    ['load an addon', "import addon from './it.node'; addon()", 'it.node'],
    ['reach into Node', "process.binding('fs')", 'process is not defined'],
    ['debug', "import { Session } from 'node:inspector'; new Session()", 'it imports "node:inspector"'],
    ['run WebAssembly', 'new WebAssembly.Module(new Uint8Array(8))', 'WebAssembly is not defined'],
    ['evaluate text', "(0, eval)('1')", 'Code generation from strings disallowed'],
    ['import by a literal', "import('/etc/passwd')", '/etc/passwd, which is outside its channel'],
    ['import what runs', "await import(['/etc', 'passwd'].join('/'))", 'a recipe cannot wait'],
    [
      'compare by a locale',
      "'a'.localeCompare('b')",
      'it.ts:3:5: the recipe throws TypeError: a recipe cannot use a locale',
    ],
    ['write by a locale', "'i'.toLocaleUpperCase()", 'cannot use a locale'],
    ['write small by a locale', "'I'.toLocaleLowerCase()", 'cannot use a locale'],
    ['write numbers by a locale', '(1234.5).toLocaleString()', 'cannot use a locale'],
    ['write large numbers by a locale', '1234n.toLocaleString()', 'cannot use a locale'],
    ['write lists by a locale', '[1234.5].toLocaleString()', 'cannot use a locale'],
    ['write arrays by a locale', 'new Float64Array(1).toLocaleString()', 'cannot use a locale'],
    [
      'read the text of a function',
      'String(() => 1)',
      'it.ts:3:1: the recipe throws TypeError: a recipe cannot use the text',
    ],
    ['read the text of a class', 'class It {}; throw `${It}`', 'cannot use the text of a function'],
    ['read a stack', 'throw String(new Error().stack)', 'a value: undefined'],
    [
      'read a stack of anything',
      'const any = {}; Error.captureStackTrace(any); throw String(any.stack)',
      'a value: undefined',
    ],
    ['ask for stacks', 'Error.stackTraceLimit = 10; throw String(new Error().stack)', 'a value: undefined'],
    [
      'walk up the stack',
      'Error.prepareStackTrace = (_, calls) => calls; throw typeof new Error().stack',
      'a value: undefined',
    ],
    [
      'make Node itself fail for want of stack',
      `let found = 0
       const look = error => { if (!(error instanceof Error)) found++ }
       const deep = () => { try { String(new Error().stack) } catch (error) { look(error) } deep() }
       for (let i = 0; i < 5; i++) try { deep() } catch (error) { look(error) }
       throw found`,
      'a value: 0',
    ],
    [
      'change the language under the library',
      "JSON.stringify = () => 'x'",
      'what a recipe library emits: it is no JSON',
    ],
    ['give too much', "JSON.stringify = () => 'x'.repeat(5e8)", 'more than 256 MB'],
    ['throw what lies', "throw { name: 'RecipeProblem', message: 'x'.repeat(1e6), stack: 7 }", 'xxx'],
  ])('%s', async (_what, code, message) => {
    const error = await attempt(code)
    expect(error).toMatchObject({ code: 'BAD_RECIPE', message: expect.stringContaining(message) })
    expect((error as Error).message.length).toBeLessThan(20_000)
  })

  test.each([
    [
      'walk up the stack',
      `Error.prepareStackTrace = (_, calls) => calls
      const calls = new Error().stack ?? []
      delete Error.prepareStackTrace
      for (const call of calls) [call.getThis(), call.getFunction()].forEach(look)`,
    ],
    [
      'make Node itself fail for want of stack',
      `const deep = () => { try { String(new Error().stack) } catch (error) { look(error) } deep() }
      for (let i = 0; i < 5; i++) try { deep() } catch (error) { look(error) }`,
    ],
  ])('%s where it is looked for the place of a mistake', async (_what, code) => {
    const lines = `let found = 0
      const look = it => { try { it.constructor.constructor('return process')(); found++ } catch {} }
      ${code}
      if (found === 0) throw new Error('it')
      throw new Error('it')`
    expect(await attempt(lines)).toMatchObject({
      message: expect.stringMatching(
        new RegExp(`it\\.ts:${lines.split('\n').length + 1}:30: the recipe throws Error: it$`),
      ),
    })
  })

  test('loop for ever', async () => {
    expect(await attempt('for (;;);')).toMatchObject({
      code: 'BAD_RECIPE',
      message: expect.stringMatching(/\/it\.ts: The recipes are not evaluated after 10 seconds$/),
    })
  })

  test('hold 20 GB', async () => {
    expect(await attempt('const all = []; for (;;) all.push(new Array(1e6).fill(all.length))')).toMatchObject(
      {
        code: 'BAD_RECIPE',
        // Or, on a busy machine, too much time.
        message: expect.stringMatching(/need more than 1024 MB of memory|not evaluated after 10 seconds/),
      },
    )
  })

  test('do anything after it was evaluated: that never comes', async () => {
    const code = `const forge = () => { JSON.stringify = () => 'forged' }
      Promise.resolve().then(forge)
      import(['/etc', 'passwd'].join('/')).catch(error => error.constructor.constructor('return process')().exit(7))`
    expect(await attempt(code)).toEqual(['1'])
  })

  test.each([
    ['loops for ever', 'for (;;);', 'The recipes are not evaluated after 10 seconds'],
    ['throws what is no error', 'throw undefined', 'the recipe throws a value: undefined'],
    [
      'exports what throws',
      'export const no = new Proxy({}, { get() { throw 1 }, has() { throw 1 } })',
      'a value: 1',
    ],
  ])('be one of many that %s: it is named', async (_what, code, message) => {
    await using directory = await temporaryDirectory()
    const good = ['a', 'b', 'c', 'd', 'f', 'g'].map(name => [`${name}.ts`, recipeFile(name)])
    const files = Object.fromEntries([...good, ['evil.ts', recipeFile('evil', '', code)]])
    const world = await writeChannel(join(directory.path, 'channel'), files)
    await expect(listPackages(world)).rejects.toMatchObject({
      code: 'BAD_RECIPE',
      message: expect.stringMatching(new RegExp(`/evil\\.ts: .*${message}$`)),
    })
  })

  test('run deeper and deeper', async () => {
    expect(await attempt('const f = () => f() + 1; f()')).toMatchObject({
      message: expect.stringContaining('Maximum call stack size exceeded'),
    })
  })
})

test.each([
  ['the evaluation', findEvaluator],
  ['what it runs in', () => findChild(process.pid, 'sandbox')],
])('no recipe is blamed when somebody else ends %s', async (_what, find) => {
  const evaluation = attempt('for (;;);')
  const evaluating = await vi.waitUntil(find, { timeout: 8000 })
  process.kill(evaluating!, 'SIGKILL')
  expect(await evaluation).toMatchObject({ code: 'SANDBOX_LOST' })
})

async function findEvaluator(): Promise<number | undefined> {
  const sandbox = await findChild(process.pid, 'sandbox')
  return sandbox && findChild(sandbox, 'node')
}
