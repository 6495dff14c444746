import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeGraph } from '../support/graph.js'
import { type Bench, BUILD_MEMORY, type Workbench, withNix } from './bench.js'
import { measureStore } from './command.js'

/** How the derivations of a graph hang together. */
type Shape = 'independent' | 'chain'

/** A recipe file whose `all` needs `count` trivial builds; `salt` makes them new ones. */
const recipes = (shape: Shape, count: number, salt: string): string => `
import { recipe, sh, trivial } from 'store/recipe'
import { busybox } from 'store/channel/seed/busybox'
const make = (name, script) => recipe({
  name, version: '1',
  phases: trivial(script, { shell: sh\`\${busybox}/bin/busybox\`, shellArguments: ['sh'] }),
})
const made = []
for (let i = 0; i < ${count}; i++) {
  const before = ${shape === 'chain'} && made.length > 0 ? sh\`read -r before < \${made[i - 1]}\` : sh\`:\`
  made.push(make('t-' + i, sh\`\${before}; echo ${salt} \${String(i)} > "$out"\`))
}
${
  shape === 'chain'
    ? 'export const all = made.at(-1)'
    : 'export const all = make(\'all\', made.reduce((text, one) => sh`${text}; : ${one}`, sh`echo done > "$out"`))'
}
`

const expression = (shape: Shape, count: number, salt: string): string => `
let
  make = name: script: derivation {
    inherit name;
    system = "x86_64-linux";
    builder = "/bin/sh";
    args = [ "-c" script ];
  };
  one = before: i: make "t-\${toString i}" "\${before}; echo ${salt} \${toString i} > $out";
${
  shape === 'chain'
    ? `  chain = i: if i < 0 then null else one (if i == 0 then ":" else "read -r before < \${chain (i - 1)}") i;
in chain ${count - 1}`
    : `  made = builtins.genList (one ":") ${count};
in make "all" (builtins.foldl' (text: one: "\${text}; : \${one}") "echo done > $out" made)`
}
`

let salts = 0

function graph(name: string, shape: Shape, count: number): Bench {
  const prepare = async ({ directory, root, nix }: Workbench) => {
    const recipeFile = join(directory, `${name}.ts`)
    const nixFile = join(directory, `${name}.nix`)
    const salt = () => `${process.pid}-${salts++}`
    return [
      {
        name: 'store',
        memoryGoal: BUILD_MEMORY,
        reset: () => writeFile(recipeFile, recipes(shape, count, salt())),
        run: () => measureStore(root, ['build', '-j2', recipeFile]),
      },
      withNix(nix, 'nix', nix =>
        nix.variant('nix-build', () => ['--no-out-link', '-j2', nixFile], {
          reset: () => writeFile(nixFile, expression(shape, count, salt())),
        }),
      ),
    ]
  }
  const what =
    shape === 'chain' ? `the trivial builds of a chain of ${count}` : `${count} independent trivial builds`
  return { name, question: `How long until ${what} are done, two at once?`, prepare }
}

/** Builds of which two graphs share a third; each sleeps for some time. */
const together: Bench = {
  name: 'together',
  question:
    'How long do two commands with -j1 take for 75 builds of which they share 25, beside one with -j2?',
  prepare: async ({ directory, root }) => {
    let files: readonly string[] = []
    const reset = async (): Promise<void> => {
      const common = { name: `common-${process.pid}-${salts++}`, count: 25 }
      files = await Promise.all(
        ['a', 'b'].map(name =>
          writeGraph(directory, name, [common, { name: `${common.name}-${name}`, count: 25 }], 0.2),
        ),
      )
    }
    const build = (...words: readonly string[]) => measureStore(root, ['build', ...words])
    return [
      {
        name: 'two, -j1',
        memoryGoal: BUILD_MEMORY,
        reset,
        run: async () => Math.max(...(await Promise.all(files.map(file => build('-j1', file))))),
      },
      { name: 'one, -j2', goal: 1, reset, run: () => build('-j2', ...files) },
    ]
  },
}

export const graphs: readonly Bench[] = [
  graph('build-1', 'chain', 1),
  ...[50, 100, 200, 400].map(count => graph(`build-${count}`, 'independent', count)),
  graph('chain-100', 'chain', 100),
  together,
]
