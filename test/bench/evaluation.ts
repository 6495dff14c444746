import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Bench, LOWERING_MEMORY, withNix } from './bench.js'
import { measureStore } from './command.js'
import { removeTree } from './remove.js'

const COUNT = 10_000

/** A script holds the paths of so many fewer of them. */
const GROUPS = 10

/** What recipe `i` needs: two to six of those before it, so that the closure of the last is some hundreds. */
const needs = (i: number): number[] =>
  Array.from({ length: Math.min(i, 2 + (i % 5)) }, (_, k) => Math.floor(i / 2) - k * 7).filter(
    j => j >= 0 && j < i,
  )

const recipeFile = (i: number): string => `import { recipe, sh, trivial } from 'store/recipe'
import { busybox } from 'store/channel/seed/busybox'
${needs(i)
  .map(j => `import { p${j} } from './p${j}.js'\n`)
  .join('')}export const p${i} = recipe({
  name: 'p${i}', version: '1',
  phases: trivial(sh\`echo ${needs(i)
    .map(j => `\${p${j}}`)
    .join(' ')} > $out\`, { shell: sh\`\${busybox}/bin/busybox\`, shellArguments: ['sh'] }),
})
`

const numbers = Array.from({ length: COUNT }, (_, i) => i)

const allFile = `import { recipe, sh, trivial } from 'store/recipe'
import { busybox } from 'store/channel/seed/busybox'
${numbers.map(i => `import { p${i} } from './p${i}.js'\n`).join('')}
const made = [${numbers.map(i => `p${i}`).join(', ')}]
const join = (name, parts) => recipe({
  name, version: '1',
  phases: trivial(sh\`echo \${parts} > $out\`, { shell: sh\`\${busybox}/bin/busybox\`, shellArguments: ['sh'] }),
})
const groups = Array.from({ length: ${GROUPS} }, (_, g) =>
  join('group-' + g, made.filter((_, i) => i % ${GROUPS} === g)))
export const all = join('all', groups)
`

const nixFile = `let make = name: inputs: derivation {
  inherit name;
  system = "x86_64-linux";
  builder = "/bin/sh";
  args = [ "-c" "echo \${toString inputs} > $out" ];
};
in rec {
${numbers
  .map(
    i =>
      `p${i} = make "p${i}" [ ${needs(i)
        .map(j => `p${j}`)
        .join(' ')} ];`,
  )
  .join('\n')}
${Array.from(
  { length: GROUPS },
  (_, g) =>
    `group-${g} = make "group-${g}" [ ${numbers
      .filter(i => i % GROUPS === g)
      .map(i => `p${i}`)
      .join(' ')} ];`,
).join('\n')}
all = make "all" [ ${Array.from({ length: GROUPS }, (_, g) => `group-${g}`).join(' ')} ];
}`

/** Lowers what is asked for, from nothing or again, beside Nix. */
const lowering = (name: string, question: string, target: string, again: boolean): Bench => ({
  name: `lower-${name}`,
  question,
  prepare: async ({ directory, nix }) => {
    const folder = join(directory, 'channel')
    const file = join(directory, 'channel.nix')
    await mkdir(folder, { recursive: true })
    for (const i of numbers) await writeFile(join(folder, `p${i}.ts`), recipeFile(i))
    await writeFile(join(folder, 'all.ts'), allFile)
    await writeFile(file, nixFile)
    const root = join(directory, `lower-${name}`)
    const lower = (...words: readonly string[]) => measureStore(root, ['build', '--derivation', ...words])
    const ours = () => lower(join(folder, `${target}.ts`))
    if (again) await lower('hello')
    // Of what has just changed, be it a recipe or the store, nothing is remembered.
    await delay(2500)
    if (again) await ours()
    return [
      {
        name: 'store',
        memoryGoal: LOWERING_MEMORY,
        ...(!again && { reset: () => removeTree(root) }),
        run: ours,
      },
      withNix(nix, 'nix', nix =>
        nix.variant('nix-instantiate', () => [file, '-A', target], {
          ...(!again && { reset: () => removeTree(nix.root) }),
        }),
      ),
    ]
  },
})

export const evaluations: readonly Bench[] = [
  lowering(
    'one',
    'How long does lowering one of 10,000 recipes take, with some hundreds that it needs?',
    `p${COUNT - 1}`,
    false,
  ),
  lowering('one-again', 'How long does it take a second time?', `p${COUNT - 1}`, true),
  lowering('all', 'How long does lowering all 10,000 take?', 'all', false),
  lowering('all-again', 'How long does it take a second time?', 'all', true),
]
