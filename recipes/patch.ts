import { fetchTarball, gnu, recipe } from 'store/recipe'
import { toolchain } from './toolchain.js'

export const patch = recipe({
  name: 'patch',
  version: '2.7.6',
  source: fetchTarball({
    url: [
      'mirror://gnu/patch/patch-2.7.6.tar.xz',
      'mirror://debian/pool/main/p/patch/patch_2.7.6.orig.tar.xz',
    ],
    hash: 'sha256:ac610bda97abe0d9f6b7c963255a11dcb196c25e337c61f94e4778d632f1d8fd',
  }),
  inputs: { ...toolchain },
  phases: gnu(),
  meta: {
    synopsis: 'Application of differences to files',
    homepage: 'https://www.gnu.org/software/patch/',
    license: 'GPL-3.0-or-later',
    mainProgram: 'patch',
  },
})
