import { fetchTarball, gnu, recipe } from 'store/recipe'
import { toolchain } from './toolchain.js'

export const zlib = recipe({
  name: 'zlib',
  version: '1.2.13',
  // Debian's copy of the release, without the files whose licences Debian does not take. The program is the same.
  source: fetchTarball({
    url: 'mirror://debian/pool/main/z/zlib/zlib_1.2.13.dfsg.orig.tar.bz2',
    hash: 'sha256:71feb7947e3c00ef125f83b79a4e529bde31171e5babe48b391f06758d1ab0a1',
  }),
  inputs: { ...toolchain },
  outputs: ['out', 'dev'],
  phases: gnu(),
  meta: {
    synopsis: 'Library for compression with deflate, as in gzip and PNG',
    homepage: 'https://zlib.net/',
    license: 'Zlib',
  },
})
