import { fetchUrl, gnu, recipe } from 'store/recipe'
import { toolchain } from './toolchain.js'

export const xz = recipe({
  name: 'xz',
  version: '5.4.1',
  source: fetchUrl({
    url: [
      'https://tukaani.org/xz/xz-5.4.1.tar.xz',
      'mirror://sourceforge/lzmautils/xz-5.4.1.tar.xz',
      'mirror://debian/pool/main/x/xz-utils/xz-utils_5.4.1.orig.tar.xz',
    ],
    hash: 'sha256:5d9827aa1875b21c288f78864bb26d2650b436ea8d2cad364e4921eb6266a5a5',
  }),
  // Its archive is checked by SHA-256, which is not understood where times of sources are read.
  epoch: 1673456590,
  inputs: { ...toolchain },
  outputs: ['out', 'dev'],
  phases: gnu(),
  meta: {
    synopsis: 'Compression of files with LZMA',
    homepage: 'https://tukaani.org/xz/',
    license: '0BSD AND LGPL-2.1-or-later AND GPL-2.0-or-later',
    mainProgram: 'xz',
  },
})
