import { fetchTarball, gnu, recipe } from 'store/recipe'
import { perl } from './perl.js'
import { toolchain } from './toolchain.js'

export const sed = recipe({
  name: 'sed',
  version: '4.9',
  source: fetchTarball({
    url: ['mirror://gnu/sed/sed-4.9.tar.xz', 'mirror://debian/pool/main/s/sed/sed_4.9.orig.tar.xz'],
    hash: 'sha256:6e226b732e1cd739464ad6862bd1a1aba42d7982922da7a53519631d24975181',
  }),
  // Perl runs some of the tests.
  inputs: { ...toolchain, perl },
  phases: gnu(),
  // Some tests count on files that may not be written, and nothing is that for root.
  user: 'unprivileged',
  meta: {
    synopsis: 'Stream editor',
    homepage: 'https://www.gnu.org/software/sed/',
    license: 'GPL-3.0-or-later',
    mainProgram: 'sed',
  },
})
