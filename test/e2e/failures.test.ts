import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { clonedStore, recipeFile } from '../support/cloned.js'

const store = clonedStore()

beforeAll(async () => {
  await store.write(
    'fails.ts',
    recipeFile(`
export const failing = make('failing', sh\`echo some words; printf '\\033[31mred\\033[0m\\n' >&2; exit 7\`)
export const kept = make('kept', sh\`mkdir folder; echo left > folder/file; false\`)
export const missing = make('missing', sh\`mkdir "$out"\`, { outputs: ['out', 'doc'] })
export const stray = make('stray', sh\`mkdir "$out"; touch /store/something\`)
export const undeclared = make('undeclared', sh\`mkdir "$out"; echo /store/\${'0'.repeat(32)}-x > "$out/file"\`)
export const fifo = make('fifo', sh\`mkdir "$out"; mkfifo "$out/pipe"\`)
export const killed = make('killed', sh\`kill -KILL $$\`)
export const noshell = make('noshell', sh\`true\`, { phases: trivial(sh\`true\`, { shell: text('/bin/nothing') }) })
export const needing = make('needing', sh\`touch "$out"; echo \${failing}\`)
export const fine = make('fine', sh\`touch "$out"\`)
`),
  )
})

const fail = async (...args: string[]) => {
  const ran = await store.run(['build', ...args])
  expect(await store.staged()).toEqual([])
  return ran
}

test('a failing build shows its last lines without their colours, and where its log is', async () => {
  const { status, stdout, stderr } = await fail('./fails.ts:failing')
  expect({ status, stdout }).toEqual({ status: 100, stdout: '' })
  const [, derivation = ''] = /store log (\/store\/\S+-failing-1\.drv);/.exec(stderr) ?? []
  expect(stderr).toBe(`building failing-1
failed: failing-1
error[BUILD_FAILED]: The build of "failing-1" failed with exit status 7; its last lines:
  some words
  red
hint: Read the log with: store log ${derivation}; keep the build directory with --keep-failed
`)
  const log = '@phase build\nsome words\n\u001b[31mred\u001b[0m\n'
  for (const name of [derivation, './fails.ts:failing'])
    expect(await store.run(['log', name])).toMatchObject({ status: 0, stdout: log, stderr: '' })
})

test('--keep-failed keeps the build directory and says where', async () => {
  const { status, stderr } = await fail('--keep-failed', './fails.ts:kept')
  expect(status).toBe(100)
  const [, kept = ''] = /^hint: .*the build directory is kept in (\/\S+)$/m.exec(stderr) ?? []
  expect(await readFile(join(kept, 'folder/file'), 'utf8')).toBe('left\n')
  expect((await fail('-K', './fails.ts:kept')).stderr).not.toContain(`${kept}\n`)
})

test('--keep-going makes what it can and tells of every failure', async () => {
  const words = ['./fails.ts:failing', './fails.ts:needing', './fails.ts:stray', './fails.ts:fine']
  const { status, stdout, stderr } = await fail('-k', ...words)
  expect({ status, stdout }).toEqual({ status: 100, stdout: '' })
  expect(stderr.match(/^error\[\w+\]: The build of "\w+/gm)?.toSorted()).toEqual([
    'error[BUILD_FAILED]: The build of "failing',
    'error[BUILD_FAILED]: The build of "stray',
  ])
  expect(await fail('./fails.ts:fine')).toMatchObject({ status: 0, stderr: '' })
})

describe('what a build makes is refused when', () => {
  test.each([
    [
      'an output is missing',
      'missing',
      'BUILD_FAILED',
      /did not make its output "doc" \(\/store\/\w{32}-missing-1-doc\)/,
    ],
    [
      'something else lies in /store',
      'stray',
      'BUILD_FAILED',
      /left in \/store what is no output: something/,
    ],
    [
      'it names an object that was not declared',
      'undeclared',
      'UNDECLARED_REFERENCE',
      /-undeclared-1, which names objects it did not declare:\n {2}file names \/store\/0{32}-\.\.\.\n/,
    ],
    ['it is no regular file', 'fifo', 'BAD_OUTPUT', /"\/store\/\w{32}-fifo-1\/pipe": it is a FIFO/],
    ['it was killed', 'killed', 'BUILD_FAILED', /was ended by signal SIGKILL/],
  ])('%s', async (_reason, name, code, sentence) => {
    const { status, stderr } = await fail(`./fails.ts:${name}`)
    expect(status).toBe(100)
    expect(stderr).toMatch(sentence)
    expect(stderr).toContain(`\nerror[${code}]: The build of "${name}-1" `)
    expect(stderr).toMatch(/\nhint: .+\n$/)
    expect(await store.objects()).not.toContain(`${name}-1`)
    expect(await readdir(join(store.path, 'store'))).not.toContain('something')
  })
})

test('a builder that is not there is said to be missing', async () => {
  const { status, stderr } = await fail('./fails.ts:noshell')
  expect(status).toBe(1)
  expect(stderr).toMatch(/^error\[BUILDER_NOT_EXECUTABLE\]: .+\nhint: .+\n$/m)
})
