import { expect, test } from 'vitest'
import { clonedStore } from '../support/cloned.js'

const store = clonedStore()

/** The derivations of packages, changed as the options say; the first one is that of what is changed. */
async function derive(packages: readonly string[], ...options: string[]): Promise<readonly string[]> {
  const { status, stdout, stderr } = await store.run(['build', '--derivation', ...options, ...packages])
  expect(status, stderr).toBe(0)
  return stdout.trim().split('\n')
}

const references = async (path: string): Promise<string> => (await store.run(['references', path])).stdout

test('a patch applies to the package of the channel, and not to what everything is built with', async () => {
  await store.write('fix.patch', '--- a/NEWS\n+++ b/NEWS\n')
  for (const [name, other] of [
    ['sed', 'zlib'],
    ['m4', 'oniguruma'],
    ['bash', 'hello'],
  ] as const) {
    const before = await derive([name, other])
    const after = await derive([name, other], '--with-patch', `${name}=fix.patch`)
    expect(after[0]).not.toBe(before[0])
    expect(after[1]).toBe(before[1])
    expect(await references(after[0]!)).toMatch(/-fix\.patch$/m)
  }
})

test('another source is that of the package of the channel alone', async () => {
  await store.write('sed-5.tar', 'an archive')
  const [before, hello] = await derive(['sed', 'hello'])
  const [after, ...others] = await derive(['sed', 'hello'], '--with-source', 'sed=sed-5.tar')
  expect(after).not.toBe(before)
  expect(others).toEqual([hello])
  expect(await references(after!)).toMatch(/-sed-5\.tar$/m)
  expect(await references(after!)).not.toMatch(/-sed-4\.9\.tar/)
})

test('tests are left out of the package of the channel alone', async () => {
  const [before, hello] = await derive(['grep', 'hello'])
  const [after, ...others] = await derive(['grep', 'hello'], '--without-tests', 'grep')
  expect(after).not.toBe(before)
  expect(others).toEqual([hello])
})

test('an input is replaced wherever it is used, by what is changed itself', async () => {
  const [before] = await derive(['readline'])
  const [replaced] = await derive(['readline'], '--with-input', 'ncurses=zlib')
  expect(await references(before!)).toMatch(/-ncurses-/m)
  expect(await references(replaced!)).not.toMatch(/-ncurses-/m)
  const both = await derive(['readline'], '--with-input', 'ncurses=zlib', '--without-tests', 'zlib')
  expect(both).not.toEqual([replaced])
})

test('what is built with the toolchain can take the place of a package that the toolchain has, too', async () => {
  const [other] = await derive(['zlib'])
  expect(await derive(['sed'], '--with-input', 'sed=zlib')).toEqual([other])
  expect(await store.run(['build', '--derivation', '--with-input', 'sed=zlib', 'hello'])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('Nothing that is to be built needs "sed"'),
  })
})

test('replacements in a circle are refused', async () => {
  const circle = ['--with-input', 'ncurses=zlib', '--with-input', 'zlib=ncurses']
  expect(await store.run(['build', '--derivation', ...circle, 'readline'])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('would take the place of itself'),
  })
})
