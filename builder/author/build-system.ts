import type { SourceContent } from './source.js'

/** How a first recipe builds a source. */
export interface BuildSystem {
  /** As people know it. */
  readonly title: string
  /** What the recipe says as its phases. */
  readonly phases: string
  /** What it imports for that. */
  readonly uses: readonly ('gnu' | 'copy' | 'sh' | 'trivial')[]
  /** Packages of the shipped channel that it needs beside the toolchain. */
  readonly inputs: readonly 'autotools'[]
  /** There are no phases for it: the recipe is to be finished by hand. */
  readonly isUnfinished: boolean
}

type Detector = (source: SourceContent) => BuildSystem | undefined

const NO_TESTS = "'there are no tests'"

/** The name of the target that runs the tests, by a line of a makefile. */
const testTarget = (makefile: string): string | undefined =>
  ['check', 'test'].find(name => new RegExp(`^${name}\\s*::?(?!=)`, 'm').test(makefile))

const gnu = (title: string, inputs: BuildSystem['inputs'] = []): BuildSystem => ({
  title,
  phases: 'gnu()',
  uses: ['gnu'],
  inputs,
  isUnfinished: false,
})

const autoconf: Detector = ({ files }) => {
  if (files.has('configure')) return gnu('a configure script')
  if (files.has('configure.ac') || files.has('configure.in')) return gnu('Autoconf', ['autotools'])
  return undefined
}

const makefiles = ['GNUmakefile', 'makefile', 'Makefile']

const plainMake: Detector = ({ texts }) => {
  const makefile = makefiles.map(name => texts.get(name)).find(text => text !== undefined)
  if (makefile === undefined) return undefined
  const target = testTarget(makefile)
  const options = ['makeFlags: [sh`PREFIX="$out"`]', ...(target === 'test' ? ["checkTargets: ['test']"] : [])]
  return {
    title: 'a makefile',
    phases: `gnu({ ${options.join(', ')} })
    .without('configure', 'the makefile needs none')${target === undefined ? `\n    .without('check', ${NO_TESTS})` : ''}`,
    uses: ['gnu', 'sh'],
    inputs: [],
    isUnfinished: false,
  }
}

/** Files by which build systems are known that `store/recipe` has no phases for. */
const others: readonly (readonly [file: string, title: string])[] = [
  ['CMakeLists.txt', 'CMake'],
  ['meson.build', 'Meson'],
  ['pyproject.toml', 'pyproject.toml of Python'],
  ['setup.py', 'setup.py of Python'],
  ['Cargo.toml', 'Cargo of Rust'],
  ['go.mod', 'Go'],
  ['package.json', 'npm'],
  ['Makefile.PL', "Perl's MakeMaker"],
  ['Build.PL', "Perl's Module::Build"],
]

const unfinished = (title: string): BuildSystem => ({
  title,
  phases: `trivial(sh\`
    echo "Write how this is built: \\$source is the archive, \\$out the place of the result"
    exit 1
  \`)`,
  uses: ['sh', 'trivial'],
  inputs: [],
  isUnfinished: true,
})

const withoutPhases: Detector = ({ files }) => {
  const found = others.find(([file]) => files.has(file))
  return found && unfinished(found[1])
}

/** Those a source may have several of come first that need least. */
const detectors: readonly Detector[] = [autoconf, withoutPhases, plainMake]

/** How a source is built; `name` is that of its file, for what is no archive. */
export function detectBuildSystem(source: SourceContent | undefined, name: string): BuildSystem {
  if (!source && /\.(zip|tar\.zst|tzst)$/.test(name))
    return unfinished('what its archive, which is not looked into, holds')
  if (!source)
    return {
      title: 'nothing: it is no tar archive',
      phases: `copy({ files: { ${JSON.stringify(name).replaceAll('"', "'")}: 'share/' } })`,
      uses: ['copy'],
      inputs: [],
      isUnfinished: false,
    }
  for (const detect of detectors) {
    const found = detect(source)
    if (found) return found
  }
  return unfinished('nothing that is known')
}
