import { fetchTarball, gnu, recipe } from 'store/recipe'
import { toolchain } from './toolchain.js'

export const m4 = recipe({
  name: 'm4',
  version: '1.4.19',
  source: fetchTarball({
    url: ['mirror://gnu/m4/m4-1.4.19.tar.xz', 'mirror://debian/pool/main/m/m4/m4_1.4.19.orig.tar.xz'],
    hash: 'sha256:63aede5c6d33b6d9b13511cd0be2cac046f2e70fd0a07aa9573a04a82783af96',
  }),
  inputs: { ...toolchain },
  phases: gnu(),
  meta: {
    synopsis: 'Macro processor',
    homepage: 'https://www.gnu.org/software/m4/',
    license: 'GPL-3.0-or-later',
    mainProgram: 'm4',
  },
})
