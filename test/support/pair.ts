import { readFile, readlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { type Ran, type RunOptions, runStore } from './command.js'

/** Longer than a build and a commit take on any machine that tests run on. */
const PATIENCE = 120_000

/** Two builds of about a second, the second from the first; each has outputs that refer to each other. */
const pair = (name: string): string => `
import { output, recipe, sh, trivial } from 'store/recipe'
import { toolchain } from 'store/channel/toolchain'
const { bash, coreutils } = toolchain
const outputs = ['out', 'lib']
const script = sh\`
mkdir $out $lib
for i in 1 2 3 4 5 6 7 8 9 10; do echo $i \${'${name}'} > $lib/$i; echo $i; sleep 0.05; done
ln -s $lib $out/lib
echo $out > $out/self\`
const first = recipe({ name: '${name}-first', version: '1', inputs: { bash, coreutils }, outputs, phases: trivial(script) })
const lib = output(first, 'lib')
export const second = recipe({
  name: '${name}', version: '1', inputs: { bash, coreutils, first }, outputs,
  phases: trivial(sh\`\${script}
cp -r \${lib} $lib/copy
echo \${first} > $out/first\`),
})
`

/** Writes the recipe file of the pair called `name`. */
export async function writePair(root: string, name: string): Promise<string> {
  const file = join(root, `${name}.ts`)
  await writeFile(file, pair(name))
  return file
}

/** Runs the command, and fails when it hangs. */
export async function runPatiently(
  root: string,
  args: readonly string[],
  options?: RunOptions,
): Promise<Ran> {
  const over = new AbortController()
  const ran = runStore(root, args, options).finally(() => over.abort())
  const late = delay(PATIENCE, undefined, { signal: over.signal }).then(() => {
    throw new Error(`store ${args.join(' ')} hangs`)
  })
  late.catch(() => undefined)
  return await Promise.race([ran, late])
}

/** Builds the pair, which must give what its recipe says, and the same bytes once more. */
export async function expectPair(root: string, name: string): Promise<string> {
  const file = await writePair(root, name)
  const { status, stdout, stderr } = await runPatiently(root, ['build', file])
  expect(status, stderr).toBe(0)
  const path = stdout.trim()
  const output = join(root, path)
  expect(await readFile(join(output, 'self'), 'utf8')).toBe(`${path}\n`)
  const lib = join(root, await readlink(join(output, 'lib')))
  for (const copy of [lib, join(lib, 'copy')])
    for (const i of [1, 10]) expect(await readFile(join(copy, String(i)), 'utf8')).toBe(`${i} ${name}\n`)
  const check = await runPatiently(root, ['build', '--check', file])
  expect(check.status, check.stderr).toBe(0)
  return path
}
