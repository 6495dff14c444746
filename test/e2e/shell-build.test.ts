import { expect, test } from 'vitest'
import { clonedStore, recipeFile } from '../support/cloned.js'

const store = clonedStore()

test('store shell --build gives the sandbox of the build, and registers nothing', async () => {
  await store.write(
    'it.ts',
    recipeFile(
      "export const it = make('it', sh`echo made > half; echo made > $out; false`, { env: { COLOUR: 'red' } })",
    ),
  )
  const talk = (input: string, ...args: readonly string[]) =>
    store.run(['shell', '--build', './it.ts', ...args], { input: Buffer.from(input) })
  const { status, stdout } = await talk(
    'pwd; ls -A | wc -l; echo "$COLOUR $out"; ls /; cat /tmp/build.sh; echo made > $out; cat /etc/passwd | head -1; exit 3\n',
  )
  expect(status).toBe(3)
  expect(stdout).toMatch(/^.*\/tmp\/guix-build-0$/m)
  expect(stdout).toMatch(/^0$/m)
  expect(stdout).toMatch(/^red \/store\/\S+-it-1$/m)
  expect(stdout).toContain('echo made > half')
  expect(stdout).toContain('guix-build')
  expect(stdout).not.toContain('@opened')
  expect(await store.staged()).toEqual([])
  expect(await store.objects()).not.toContain('it-1')

  const { stderr } = await store.run(['build', '--keep-failed', './it.ts'])
  const [, kept = ''] = /kept in (\S+)$/m.exec(stderr) ?? []
  const after = await talk('cat half\n', '--kept', kept)
  expect(after).toMatchObject({ status: 0, stdout: expect.stringMatching(/^.*made$/m) })
})

test('store shell --build refuses to begin with what is no directory', async () => {
  await store.write('it.ts', recipeFile("export const it = make('it', sh`echo made > $out`)"))
  expect(await store.run(['shell', '--build', './it.ts', '--kept', './it.ts'])).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^error\[USAGE\]: .*which is no directory$/m),
  })
  expect(await store.staged()).toEqual([])
})
