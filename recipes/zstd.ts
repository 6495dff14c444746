import { fetchTarball, gnu, recipe, sh } from 'store/recipe'
import { file } from './file.js'
import { toolchain } from './toolchain.js'
import { xz } from './xz.js'
import { zlib } from './zlib.js'

export const zstd = recipe({
  name: 'zstd',
  version: '1.5.4',
  // Debian's copy of the release, without the files whose licences Debian does not take. The program is the same.
  source: fetchTarball({
    url: 'mirror://debian/pool/main/libz/libzstd/libzstd_1.5.4+dfsg2.orig.tar.xz',
    hash: 'sha256:8cf4bbb65e77ec348d052c8d6230eba66d435bddf64c8b5be2fcb16880c19953',
  }),
  // It also reads and writes the formats of the first two; file takes part in the tests.
  inputs: { ...toolchain, zlib, lzma: xz, file },
  outputs: ['out', 'dev'],
  phases: gnu({ makeFlags: [sh`PREFIX="$out"`, 'HAVE_LZ4=0'] }).without(
    'configure',
    'the makefile looks for what it needs',
  ),
  meta: {
    synopsis: 'Fast compression of files',
    homepage: 'https://facebook.github.io/zstd/',
    license: 'BSD-3-Clause OR GPL-2.0-only',
    mainProgram: 'zstd',
  },
})
