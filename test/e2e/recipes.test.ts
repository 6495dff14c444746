import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { clonedStore, recipeFile } from '../support/cloned.js'

const store = clonedStore()
const build = async (...words: string[]): Promise<readonly string[]> => {
  const { status, stdout, stderr } = await store.run(['build', ...words])
  expect(status, stderr).toBe(0)
  return stdout.split('\n').slice(0, -1)
}
const read = (path: string, file = ''): Promise<string> => readFile(join(store.path, path, file), 'utf8')

/** A package in the manner of GNU whose tests pass only when it is patched. */
async function writePackage(): Promise<void> {
  await store.write('package/greet', '#!/usr/bin/env bash\necho bad "$@"\n', 0o755)
  await store.write(
    'package/configure',
    `#!/bin/sh
for word; do case "$word" in --prefix=*) prefix="\${word#*=}" ;; --greeting=*) greeting="\${word#*=}" ;; esac; done
printf 'all:\\n\\techo %s > note\\ncheck:\\n\\tgrep good greet\\ninstall:\\n\\tmkdir -p %s/bin %s/include\\n\\tcp greet %s/bin/\\n\\ttouch %s/include/greet.h\\n' \\
  "\${greeting:-$PWD}" "$prefix" "$prefix" "$prefix" "$prefix" > Makefile
`,
    0o755,
  )
  await store.write('good.patch', '--- a/greet\n+++ b/greet\n@@ -2 +2 @@\n-echo bad "$@"\n+echo good "$@"\n')
  await store.write(
    'greet.ts',
    recipeFile(`
const greet = (name, phases, fields = {}) => recipe({
  name,
  version: '1',
  source: localFile('./package', import.meta.url),
  inputs: { ...toolchain },
  phases,
  meta: { mainProgram: 'greet' },
  ...fields,
})
const patches = [localFile('./good.patch', import.meta.url)]
const note = { name: 'note', script: () => sh\`cp note "$out/"\` }
export const patched = greet('patched', gnu({ patches }), { outputs: ['out', 'dev'] })
export const unpatched = greet('unpatched', gnu())
export const untested = greet('untested', gnu().without('check', 'it would fail').replace('build', () => sh\`echo mine > note\`).after('install', note))
export const telling = greet('telling', gnu({ patches }).after('install', note))
export const caller = make('caller', sh\`\${patched}/bin/greet > "$out"\`)
export const told = greet('told', gnu({ patches, configureFlags: ['--greeting=two words'] }).after('install', note))
`),
  )
}

test("the README's first recipe builds and runs as it stands there", async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
  const recipe = /```ts\n(.*?)```/s.exec(readme)?.[1]
  expect(recipe).toContain("name: 'greeting'")
  await store.write('my.ts', recipe!)
  const [path] = await build('./my.ts')
  expect(await store.run(['run', './my.ts'])).toMatchObject({
    status: 0,
    stdout: 'Good morning\n',
    stderr: '',
  })
  expect(await build('./my.ts:greeting')).toEqual([path])
  expect(await build(join(store.folder, 'my.ts'))).toEqual([path])
})

test('a GNU package is patched, configured, tested, installed and split', async () => {
  await writePackage()
  const [out = ''] = await build('./greet.ts:patched')
  expect(await store.run(['run', './greet.ts:patched', 'day'])).toMatchObject({ stdout: 'good day\n' })
  expect(await read(out, 'bin/greet')).toMatch(/^#!\/store\/\w{32}-bash-\S+\/bin\/bash\necho good/)
  const log = (await store.run(['log', './greet.ts:patched'])).stdout
  const phases = ['unpack', 'patch', 'configure', 'build', 'check', 'install', 'split', 'check-outputs']
  const run = [...log.matchAll(/^@phase (.*)$/gm)].map(([, name]) => name!)
  expect(run.filter(name => phases.includes(name))).toEqual(phases)
  await expect(read(out, 'include/greet.h')).rejects.toThrow('ENOENT')
})

test('a failing test-suite fails the build, and its phase and lines are shown', async () => {
  const { status, stderr } = await store.run(['build', './greet.ts:unpatched'])
  expect(status).toBe(100)
  expect(stderr).toMatch(
    /error\[BUILD_FAILED\]: The build of "unpatched-1" failed with exit status \d; its last lines:/,
  )
  expect(stderr).toMatch(/^ {2}make: \*\*\* \[.*check\] Error 1$/m)
})

test('a package is built from another source, patched, without its tests, or with another input', async () => {
  const greeting = async (...options: string[]): Promise<string> => {
    const [out = ''] = await build(...options, './greet.ts:unpatched')
    return (await read(out, 'bin/greet')).split('\n')[1]!
  }
  expect(await greeting('--with-patch', 'unpatched=good.patch')).toBe('echo good "$@"')
  expect(await greeting('--without-tests', 'unpatched')).toBe('echo bad "$@"')
  await cp(join(store.folder, 'package'), join(store.folder, 'better'), { recursive: true })
  await store.write('better/greet', '#!/usr/bin/env bash\necho good better "$@"\n', 0o755)
  expect(await greeting('--with-source', 'unpatched=better')).toBe('echo good better "$@"')
  const replace = ['--with-input', 'patched=unpatched', '--without-tests', 'unpatched']
  const [out = ''] = await build(...replace, './greet.ts:caller')
  expect(await read(out)).toBe('bad\n')
})

test('phases are left out with a reason, replaced and added', async () => {
  const [out = ''] = await build('./greet.ts:untested')
  expect(await read(out, 'note')).toBe('mine\n')
  expect((await store.run(['show', './greet.ts:untested'])).stdout).toContain(
    'without: check (it would fail)\n',
  )
  const [told = ''] = await build('./greet.ts:told')
  expect(await read(told, 'note')).toBe('two words\n')
})

test('an output that names the build directory is refused', async () => {
  const { status, stderr } = await store.run(['build', './greet.ts:telling'])
  expect(status).toBe(100)
  expect(stderr).toMatch(/These files name the build directory:\n {2}\/store\/\S+-telling-1\/note\n/)
})

test('outputs refer to inputs and to each other, and so does what uses them', async () => {
  await store.write('data/one', '1')
  await store.write('data/two', '2')
  await store.write(
    'several.ts',
    recipeFile(`
const { tar, gzip } = toolchain
export const two = make('two', sh\`mkdir "$out" "$doc"; echo "$out" > "$doc/see"\`, { outputs: ['out', 'doc'] })
export const user = make('user', sh\`mkdir "$out"; cp \${output(two, 'doc')}/see "$out/"; echo \${two} \${'a b'} > "$out/both"\`)
export const copied = recipe({
  name: 'copied', version: '1', inputs: { bash, coreutils, glibc, tar, gzip },
  source: localFile('./data', import.meta.url), phases: copy({ files: { one: 'share/', two: 'other/zwei' } }),
})
`),
  )
  const [user = '', copied = ''] = await build('./several.ts:user', './several.ts:copied')
  const [two = ''] = await build('./several.ts:two')
  expect(await read(user, 'both')).toBe(`${two} a b\n`)
  expect(await read(user, 'see')).toBe(`${two}\n`)
  expect((await store.run(['references', user])).stdout).toBe(`${two}\n`)
  expect(await read(copied, 'share/one')).toBe('1')
  expect(await read(copied, 'other/zwei')).toBe('2')
})

test('a dry run says what would be done, and a derivation alone is made without it', async () => {
  await store.write(
    'later.ts',
    recipeFile(`
const source = fetchUrl({ url: 'file:///no/such/later.txt', hash: 'sha256-${'A'.repeat(43)}=' })
export const later = make('later', sh\`cp "$source" "$out"\`, { source })
`),
  )
  expect(await store.run(['build', '-n', './later.ts'])).toMatchObject({
    status: 0,
    stdout: 'build later-1\nfetch later.txt\n',
    stderr: 'would download a file of unknown size\n',
  })
  const { stdout } = await store.run(['build', '-n', '--json', './later.ts'])
  expect(JSON.parse(stdout)).toEqual({
    build: ['later-1'],
    fetch: ['later.txt'],
    download: { bytes: 0, unknown: 1 },
  })
  expect(await store.objects()).not.toContain('later-1.drv')
  const [derivation = ''] = await build('--derivation', './later.ts')
  expect(derivation).toMatch(/^\/store\/\w{32}-later-1\.drv$/)
  expect((await store.run(['references', derivation])).stdout).toContain('-later.txt.drv\n')
  expect(await store.objects()).not.toContain('later-1')
})

test('one build at a time with -j 1', async () => {
  await store.write(
    'row.ts',
    recipeFile(
      `export const first = make('first', sh\`touch "$out"\`)\nexport const second = make('second', sh\`touch "$out"\`)`,
    ),
  )
  const { stderr, status } = await store.run(['build', '-j', '1', './row.ts:first', './row.ts:second'])
  expect(status).toBe(0)
  expect(stderr).toMatch(
    /^2 builds to do\nbuilding (\w+)-1\nbuilt \1-1 in \S+\nbuilding (\w+)-1\nbuilt \2-1 in \S+\n2 builds done, in \S+\n$/,
  )
})
