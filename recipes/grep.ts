import { fetchTarball, gnu, recipe, sh } from 'store/recipe'
import { perl } from './perl.js'
import { toolchain } from './toolchain.js'

export const grep = recipe({
  name: 'grep',
  version: '3.8',
  source: fetchTarball({
    url: ['mirror://gnu/grep/grep-3.8.tar.xz', 'mirror://debian/pool/main/g/grep/grep_3.8.orig.tar.xz'],
    hash: 'sha256:498d7cc1b4fb081904d87343febb73475cf771e424fb7e6141aff66013abc382',
  }),
  // Perl runs some of the tests.
  inputs: { ...toolchain, perl },
  phases: gnu({ configureFlags: ['--disable-perl-regexp'] }).before('check', {
    name: 'skip-timing',
    // It searches ever more until that takes some time of a processor, of which builds see none.
    script: () => sh`printf '#!%s\nexit 77\n' "$SHELL" > tests/hash-collision-perf`,
  }),
  meta: {
    synopsis: 'Search for lines that match patterns',
    homepage: 'https://www.gnu.org/software/grep/',
    license: 'GPL-3.0-or-later',
    mainProgram: 'grep',
  },
})
